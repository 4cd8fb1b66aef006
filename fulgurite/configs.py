"""Configs by name or path, read from YAML or JSON."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import yaml

from datamodules.errors import UserError, nearest

SUFFIXES = (".yaml", ".yml", ".json")


class Loader(yaml.SafeLoader):
    """YAML with ``1e-3`` as a number, which YAML 1.1 takes for text, and no key that stands twice.

    YAML 1.2, section 3.2.1.1: the keys of a mapping are unique. PyYAML takes the last silently.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping.

        Raises:
            ConstructorError: a key stands twice.
        """
        first: dict[Any, yaml.Mark] = {}
        for key, _ in node.value:
            if key.value in first and key.tag != "tag:yaml.org,2002:merge":
                line = first[key.value].line + 1
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key '{key.value}' stands in line {line} already",
                    key.start_mark,
                )
            if isinstance(key, yaml.ScalarNode):
                first[key.value] = key.start_mark
        return super().construct_mapping(node, deep)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\d[\d_]*)\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+"
        r"|[-+]?\.\d[\d_]*(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


def shipped_configs() -> dict[str, Path]:
    """Return the path of each config that comes with the program, by name."""
    spec = importlib.util.find_spec("configs")
    folders = (spec and spec.submodule_search_locations) or []
    files = [file for folder in folders for file in Path(folder).glob("*.yaml")]
    return {file.stem: file for file in sorted(files)}


def configs_here() -> list[str]:
    """Return the YAML files of the working directory, as a user would type them."""
    return [str(path) for path in sorted(Path().glob("*.y*ml"))]


def find_config(name: str) -> Path:
    """Return the file that ``--config`` means: a path, with or without its ending, or a name.

    Raises:
        UserError: there is none.
    """
    given = Path(name).expanduser()
    for path in (given, *(given.with_name(given.name + suffix) for suffix in SUFFIXES)):
        if path.is_file():
            return path
    if given.is_dir():
        raise UserError(f"--config {name}: this is a folder; name a file, such as {name}/my.yaml.")
    shipped = shipped_configs()
    if name.removesuffix(".yaml") in shipped:
        return shipped[name.removesuffix(".yaml")]
    hint = nearest(name, [*shipped, *configs_here()])
    raise UserError(
        f"There is no config '{name}', neither as a file nor by name.{hint} By name there are: "
        f"{', '.join(shipped)}."
    )


def read_config(path: Path) -> dict[str, Any]:
    """Read a YAML or JSON file.

    Raises:
        UserError: it is no YAML, or no mapping.
    """
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UserError(f"'{path}' is not valid YAML{where}: {error.problem}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"'{path}' cannot be read as YAML: {error}.") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise UserError(f"'{path}' must hold keys such as 'data:' and 'model:', not {tree!r:.60}.")
    strange = [key for key in tree if not isinstance(key, str)]
    if strange:
        raise UserError(f"'{path}' has the key {strange[0]!r} at its root, which is no text.")
    return tree
