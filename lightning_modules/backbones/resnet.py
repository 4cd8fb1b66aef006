"""A small residual network for images of any size."""

from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones.hyperparameters import at_least_one, channel_widths, fractions
from lightning_modules.backbones.inputs import image_shape
from lightning_modules.backbones.strides import Strides, image_strides, strided_convolution


class ResNet(nn.Module):
    """Stages of residual blocks and the mean over the pixels that remain.

    The form for small images: He et al. 2016, 'Deep Residual Learning for Image Recognition',
    section 4.2, with the blocks of He et al. 2016, 'Identity Mappings in Deep Residual Networks',
    figure 4 (e). A convolution of 1 x 1 stands where a block changes the shape.

    Args:
        spec: the data, with one image.
        widths: channels of each stage; the last is the number of features.
        blocks: residual blocks in each stage.
        dropout: rate on the features.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, widths[-1])
    """

    def __init__(
        self,
        spec: DataSpec,
        widths: tuple[int, ...] = (32, 64, 128),
        blocks: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        channels, height, width = image_shape(spec, "ResNet")
        channel_widths("ResNet", widths)
        at_least_one("ResNet", blocks=blocks)
        fractions("ResNet", dropout=dropout)
        strides = image_strides(height, width, len(widths))
        layers: list[nn.Module] = [strided_convolution(channels, widths[0], strides[0])]
        before = widths[0]
        for after, stride in zip(widths, [(1, 1), *strides[1:]], strict=True):
            layers.append(ResidualBlock(before, after, stride))
            layers.extend(ResidualBlock(after, after, (1, 1)) for _ in range(blocks - 1))
            before = after
        self.stages = nn.Sequential(*layers, nn.BatchNorm2d(before), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.out_features = before

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of each image.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        features: Tensor = self.dropout(self.stages(image).mean(dim=(2, 3)))
        return features


class ResidualBlock(nn.Module):
    """Two convolutions, each after normalisation and ReLU, added to the input.

    Args:
        before: channels of the input.
        after: channels of the output.
        stride: vertical and horizontal stride of the first convolution.

    Shape:
        (N, before, H, W) -> (N, after, H / stride, W / stride), rounded up
    """

    def __init__(self, before: int, after: int, stride: Strides) -> None:
        super().__init__()
        self.activate = nn.Sequential(nn.BatchNorm2d(before), nn.ReLU())
        self.residual = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
        )
        same = before == after and stride == (1, 1)
        self.shortcut = None if same else nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return the input, projected where its shape changes, plus the residual.

        Args:
            image: (N, before, H, W).
        """
        active = self.activate(image)
        kept = image if self.shortcut is None else self.shortcut(active)
        added: Tensor = kept + self.residual(active)
        return added
