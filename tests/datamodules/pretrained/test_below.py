"""How deep a network is looked for."""

from datamodules.pretrained.below import files_below


def test_it_goes_three_folders_down_and_into_none_that_is_hidden(tmp_path):
    for name in ("a", "1/b", "1/2/3/c", "1/2/3/4/d", ".git/e", "1/.cache/f", "1/.g"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {str(file.relative_to(tmp_path)) for file in files_below(tmp_path)}
    assert found == {"a", "1/b", "1/2/3/c", "1/.g"}
