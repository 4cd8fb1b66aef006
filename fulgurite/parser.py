"""The settings of a run as one parser, by Lightning's rules; it builds nothing before it must."""

from collections.abc import Callable, Mapping
from typing import Any

import lightning as L
from jsonargparse import ArgumentError, Namespace
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from fulgurite import settings
from fulgurite.arguments import Arguments
from fulgurite.construction import Construction, Section
from fulgurite.foreign_networks import refuse_foreign_networks
from fulgurite.tree import put

Prepare = Callable[[L.LightningDataModule], None]


class ParserRefusal(Exception):  # noqa: N818  handed from the parser on, it is no user's to see
    """What the parser says of a config, in words of its own."""


class Parser(LightningArgumentParser):
    """A parser that raises instead of printing its usage and leaving."""

    def error(self, message: str, ex: Exception | None = None) -> Any:
        """Raise what is wrong."""
        raise ParserRefusal(message) from ex


class ExperimentCLI(LightningCLI):
    """Lightning's command line as a parser only: nothing is built before it is asked for."""

    def __init__(self, words: list[str]) -> None:
        self.prepare: Prepare | None = None
        self.construction = Construction()
        super().__init__(
            L.LightningModule,
            L.LightningDataModule,
            save_config_callback=None,
            trainer_defaults=settings.TRAINER,
            seed_everything_default=settings.SEED,
            parser_class=Parser,
            # an abbreviated flag would be taken for whatever it begins
            parser_kwargs={"allow_abbrev": False},
            subclass_mode_model=True,
            subclass_mode_data=True,
            auto_configure_optimizers=False,
            args=words,
            run=False,
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Let the data describe themselves to the model, and add what stands around training."""
        parser.link_arguments(
            "data", "model.init_args.spec", compute_fn=self._spec_of, apply_on="instantiate"
        )
        parser.add_argument(
            "--early_stopping",
            type=EarlyStopping | None,
            default=settings.EARLY_STOPPING,
            help="when to end training; null trains to the end",
        )
        parser.add_argument(
            "--checkpoint",
            type=ModelCheckpoint | None,
            default=settings.CHECKPOINT,
            help="which weights are kept as the best; null keeps none",
        )

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse the words given; Lightning would warn that ``sys.argv`` holds others."""
        self.config = parser.parse_args(args)

    def _add_instantiators(self) -> None:
        """Build as Lightning does, and remember what refuses its arguments."""
        for key, base in (("model", L.LightningModule), ("data", L.LightningDataModule)):
            section = Section(self, key, self.construction)
            self.parser.add_instantiator(section, base, subclasses=True)
        self.parser.add_instantiator(self.construction, object, subclasses=True)

    def _spec_of(self, datamodule: L.LightningDataModule) -> DataSpec:
        if self.prepare is not None:
            self.prepare(datamodule)
        spec = getattr(datamodule, "spec", None)
        if not isinstance(spec, DataSpec):
            raise UserError(
                f"{type(datamodule).__name__} does not say what its data look like: give it a "
                f"property 'spec' that returns a DataSpec, or use a model that takes no 'spec'."
            )
        return spec

    def _set_seed(self) -> None:
        """Leave seeding to each build, so that the second has the same weights as the first."""

    def instantiate_classes(self) -> None:
        """Build nothing yet."""


class UnparsedCLI(ExperimentCLI):
    """The parser alone, without a config."""

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse nothing."""
        self.config = Namespace()  # type: ignore[no-untyped-call]


def parsed(arguments: Arguments) -> ExperimentCLI:
    """Parse, and say in a person's words what does not fit.

    Args:
        arguments: what the user typed.

    Raises:
        UserError: something does not fit; the sentence names the setting and the nearest choices.
    """
    refuse_foreign_networks(arguments)
    try:
        cli = ExperimentCLI(arguments.words())
        if not isinstance(cli.config.trainer, Namespace):
            raise ParserRefusal("trainer takes keys")  # which the parser does not mind
        return cli
    except (Exception, SystemExit) as refusal:
        # importing a user's module may raise anything, or leave
        from fulgurite.diagnosis import mistakes

        found = mistakes(arguments)
        if not found and not isinstance(refusal, ParserRefusal | ArgumentError):
            raise
        raise UserError("\n".join(found or [_shortened(str(refusal))])) from refusal


def overridden(
    parser: LightningArgumentParser, config: Namespace, overrides: Mapping[str, Any]
) -> Namespace:
    """Return a config with other settings; the one that is given stays as it is.

    Args:
        parser: checks them as it checks those of a config.
        config: as parsed.
        overrides: settings by their full paths.

    Raises:
        UserError: one does not fit.
    """
    changed: Namespace = config.clone()
    for key, value in overrides.items():
        nested: dict[str, Any] = {}
        put(nested, key.split("."), value)
        try:
            changed = parser.parse_object(nested, changed)
        except (ParserRefusal, ArgumentError) as error:
            raise UserError(f"{key}: {value!r} does not fit: {_shortened(str(error))}") from error
    return changed


def help_all() -> str:
    """Return every setting, as the parser tells them."""
    text: str = UnparsedCLI([]).parser.format_help()
    return text


def _shortened(message: str) -> str:
    """Return the first lines of the parser's message, which may go on for a page."""
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    return "\n".join(lines[:12])
