"""What refused its arguments is remembered, the innermost first."""

import pytest

from fulgurite.construction import Construction, as_sentence


class Inner:
    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("size is too small")


def test_what_is_built_is_returned():
    build = Construction()
    assert isinstance(build(Inner, 3), Inner)
    assert build.refused is None


def test_the_first_refusal_counts():
    build = Construction()

    class Outer:
        def __init__(self) -> None:
            try:
                build(Inner, size=0)
            except ValueError as error:
                raise TypeError("no type of the union fits") from error

    with pytest.raises(TypeError):
        build(Outer)
    assert build.refused is not None
    target, reason = build.refused
    assert target is Inner
    assert str(reason) == "size is too small"


@pytest.mark.parametrize(("module", "refused"), [("datamodules.own", False), ("own", True)])
def test_a_bug_of_ours_is_no_refusal(module, refused):
    build = Construction()

    class Broken:
        def __init__(self) -> None:
            raise ZeroDivisionError

    Broken.__module__ = module
    with pytest.raises(ZeroDivisionError):
        build(Broken)
    assert (build.refused is not None) is refused


def test_what_was_refused_before_is_kept():
    build = Construction()
    with pytest.raises(ValueError, match="first"), build.remembering(Inner):
        raise ValueError("first")
    with pytest.raises(ValueError, match="second"), build.remembering(int):
        raise ValueError("second")
    assert build.refused is not None
    assert build.refused[0] is Inner


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("power is\n  too small"), "power is too small."),
        (ValueError("Is it whole?"), "Is it whole?"),
        (AssertionError(), "AssertionError."),
        (
            ModuleNotFoundError("No module named 'wandb'", name="wandb"),
            "it needs 'wandb', which is not installed: pip install wandb.",
        ),
        (ModuleNotFoundError("Say pip install a[b]", name="b"), "Say pip install a[b]."),
    ],
)
def test_an_exception_is_told_on_one_line(error, sentence):
    assert as_sentence(error) == sentence
