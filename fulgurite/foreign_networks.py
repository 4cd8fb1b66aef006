"""Networks of libraries, which are named by an argument of a backbone and are none themselves."""

from datamodules.errors import UserError
from fulgurite.arguments import Arguments
from fulgurite.kinds import classes_of
from fulgurite.tree import class_path, init_args

TAKEN_IN = {
    "timm": "TimmBackbone",
    "torchvision": "TorchvisionBackbone",
    "transformers": "TransformersBackbone",
}
"""Libraries, and the backbone that takes their networks."""


def refuse_foreign_networks(arguments: Arguments) -> None:
    """Refuse a library's network as a backbone: it takes no spec, and prepares no images or text.

    Raises:
        UserError: one is named; the sentence says which backbone takes it.
    """
    model = arguments.tree.get("model")
    node = init_args(model).get("backbone") if isinstance(model, dict) else None
    name = (class_path(node) if node is not None else None) or ""
    library = name.partition(".")[0]
    backbone = TAKEN_IN.get(library)
    if "." in name and backbone in classes_of("backbones"):
        raise UserError(
            f"{arguments.where(('model', 'backbone'))}: '{name}' takes no spec of the data, but "
            f"{backbone} takes the networks of {library}: say --model.backbone {backbone}, whose "
            f"arguments 'fulgurite list {backbone}' shows."
        )
