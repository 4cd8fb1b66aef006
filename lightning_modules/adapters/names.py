"""How peft calls the tensors of a network with adapters."""

from collections.abc import Collection

ADAPTER = ".lora_"
ADAPTED = ".base_layer."


def has_adapters(names: Collection[str]) -> bool:
    """Tell whether a network has adapters.

    Args:
        names: of its tensors.
    """
    return any(ADAPTER in name for name in names)


def adapted_names(names: Collection[str]) -> dict[str, str]:
    """Return by the name that each tensor had before its network was adapted the one that it has.

    Args:
        names: of the tensors of a network with adapters.
    """
    return {name.replace(ADAPTED, "."): name for name in names}
