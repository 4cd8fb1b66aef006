"""A plain convolutional network for images of any size."""

from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones.hyperparameters import channel_widths, fractions
from lightning_modules.backbones.inputs import image_shape
from lightning_modules.backbones.strides import Strides, image_strides, strided_convolution


class ConvNet(nn.Module):
    """Stages of two 3 x 3 convolutions and the mean over the pixels that remain.

    Two small convolutions a stage: Simonyan and Zisserman 2015, 'Very Deep Convolutional Networks
    for Large-Scale Image Recognition', section 2.1; batch normalisation before each ReLU: Ioffe and
    Szegedy 2015, section 3.2; the mean over pixels: Lin et al. 2014, 'Network In Network',
    section 3.2.

    Args:
        spec: the data, with one image.
        widths: channels of each stage; the last is the number of features.
        dropout: rate on the features.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, widths[-1])
    """

    def __init__(
        self, spec: DataSpec, widths: tuple[int, ...] = (32, 64, 128), dropout: float = 0.1
    ) -> None:
        super().__init__()
        channels, height, width = image_shape(spec, "ConvNet")
        channel_widths("ConvNet", widths)
        fractions("ConvNet", dropout=dropout)
        strides = image_strides(height, width, len(widths))
        before = [channels, *widths[:-1]]
        self.stages = nn.Sequential(
            *(_stage(*sizes) for sizes in zip(before, widths, strides, strict=True))
        )
        self.dropout = nn.Dropout(dropout)
        self.out_features = widths[-1]

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of each image.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        features: Tensor = self.dropout(self.stages(image).mean(dim=(2, 3)))
        return features


def _stage(before: int, width: int, stride: Strides) -> nn.Sequential:
    return nn.Sequential(
        strided_convolution(before, width, stride),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
