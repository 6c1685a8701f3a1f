"""The benchmark's networks in PyTorch, with the layers and the parameters of `ablate`'s, for eager training."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10


def conv(inputs: int, filters: int, kernel: int, strides: int = 1, bias: bool = False) -> nn.Conv2d:
    return nn.Conv2d(inputs, filters, kernel, strides, padding=kernel // 2, bias=bias)


def norm(filters: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(filters, eps=1e-5, momentum=0.1)  # Keras' momentum of 0.9


class Residual(nn.Module):
    """A basic block (He et al. 2015). projection: option B where the size changes, else option A."""

    def __init__(self, inputs: int, filters: int, strides: int, projection: bool):
        super().__init__()
        self.strides, self.extra = strides, filters - inputs
        self.conv1, self.norm1 = conv(inputs, filters, 3, strides), norm(filters)
        self.conv2, self.norm2 = conv(filters, filters, 3), norm(filters)
        self.projection = projection and strides > 1
        if self.projection:
            self.shortcut_conv, self.shortcut_norm = conv(inputs, filters, 1, strides), norm(filters)

    def shortcut(self, x: Tensor) -> Tensor:
        if self.projection:
            return self.shortcut_norm(self.shortcut_conv(x))
        if self.strides == 1:
            return x
        return functional.pad(x[:, :, :: self.strides, :: self.strides], (0, 0, 0, 0, 0, self.extra))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        y += self.shortcut(x)
        return functional.relu(y, inplace=True)


class ResNet(nn.Module):
    """ResNet-20 for CIFAR, or ResNet-34 with the stem for ImageNet."""

    def __init__(self, width: int, repeats: tuple[int, ...], imagenet: bool):
        super().__init__()
        self.imagenet = imagenet
        self.stem_conv = conv(3, width, 7, 2) if imagenet else conv(3, width, 3)
        self.stem_norm = norm(width)
        self.blocks = add_stages(self, width, repeats, lambda *sizes: Residual(*sizes, projection=imagenet))
        self.classifier = nn.Linear(width * 2 ** (len(repeats) - 1), CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem_norm(self.stem_conv(x)), inplace=True)
        if self.imagenet:
            x = functional.max_pool2d(x, 3, 2, padding=1)
        for name in self.blocks:
            x = getattr(self, name)(x)
        return self.classifier(x.mean((2, 3)))


def add_stages(network: nn.Module, width: int, repeats: tuple[int, ...], block: Callable[..., nn.Module]) -> list[str]:
    """Add the blocks of all stages; return their names. block: constructor from (inputs, filters, strides)."""
    names = []
    inputs = width
    for i, count in enumerate(repeats):
        for j in range(count):
            names.append(f"stage{i + 1}_block{j}")
            network.add_module(names[-1], block(inputs, width * 2**i, 2 if i and not j else 1))
            inputs = width * 2**i
    return names


class Mix(torch.autograd.Function):
    """alpha * left + (1 - alpha) * right; the gradients are weighted with beta and 1 - beta."""

    @staticmethod
    def forward(context, left: Tensor, right: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
        context.save_for_backward(beta)
        return torch.lerp(right, left, alpha)

    @staticmethod
    def backward(context, *gradients: Tensor):
        (beta,) = context.saved_tensors
        left = gradients[0] * beta
        return left, gradients[0] - left, None, None


class Branch(nn.Module):
    """activation, convolution and norm, twice."""

    def __init__(self, inputs: int, filters: int, strides: int):
        super().__init__()
        self.conv1, self.norm1 = conv(inputs, filters, 3, strides), norm(filters)
        self.conv2, self.norm2 = conv(filters, filters, 3), norm(filters)

    def forward(self, activated: Tensor) -> Tensor:
        x = functional.relu(self.norm1(self.conv1(activated)), inplace=True)
        return self.norm2(self.conv2(x))


class Shake(nn.Module):
    """A block of Shake-Shake. mode: `shake` with draws per image, or `even` for coefficients of 0.5."""

    def __init__(self, inputs: int, filters: int, strides: int, mode: str):
        super().__init__()
        self.strides, self.mode = strides, mode
        self.left, self.right = Branch(inputs, filters, strides), Branch(inputs, filters, strides)
        if strides > 1:
            self.shortcut_conv1, self.shortcut_conv2 = conv(inputs, filters // 2, 1), conv(inputs, filters // 2, 1)
            self.shortcut_norm = norm(filters)

    def shortcut(self, x: Tensor, activated: Tensor) -> Tensor:
        if self.strides == 1:
            return x
        shifted = functional.pad(activated, (1, 0, 1, 0))[:, :, :-1, :-1]
        paths = [
            self.shortcut_conv1(activated[:, :, :: self.strides, :: self.strides]),
            self.shortcut_conv2(shifted[:, :, :: self.strides, :: self.strides]),
        ]
        return self.shortcut_norm(torch.cat(paths, 1))

    def forward(self, x: Tensor) -> Tensor:
        activated = functional.relu(x)
        left, right = self.left(activated), self.right(activated)
        if not self.training or self.mode == "even":
            mixed = (left + right) * 0.5
        else:
            alpha, beta = torch.rand(2, len(x), 1, 1, 1)
            mixed = Mix.apply(left, right, alpha, beta)
        return self.shortcut(x, activated) + mixed


class ShakeNet(nn.Module):
    """Shake-Shake-26 2x16d."""

    def __init__(self, mode: str):
        super().__init__()
        self.stem_conv, self.stem_norm = conv(3, 16, 3), norm(16)
        self.blocks = add_stages(self, 16, (4, 4, 4), lambda *sizes: Shake(*sizes, mode))
        self.classifier = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem_norm(self.stem_conv(x))
        for name in self.blocks:
            x = getattr(self, name)(x)
        return self.classifier(functional.relu(x).mean((2, 3)))


class Vgg(nn.Module):
    """VGG-16, configuration D."""

    def __init__(self):
        super().__init__()
        self.counts = (2, 2, 3, 3, 3)
        inputs = 3
        for i, filters in enumerate((64, 128, 256, 512, 512), start=1):
            for j in range(1, self.counts[i - 1] + 1):
                self.add_module(f"stage{i}_conv{j}", conv(inputs, filters, 3, bias=True))
                inputs = filters
        self.head_fc1, self.head_fc2 = nn.Linear(512, 4096), nn.Linear(4096, 4096)
        self.classifier = nn.Linear(4096, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for i, count in enumerate(self.counts, start=1):
            for j in range(1, count + 1):
                x = functional.relu(getattr(self, f"stage{i}_conv{j}")(x), inplace=True)
            x = functional.max_pool2d(x, 2)
        x = functional.relu(self.head_fc1(x.flatten(1)), inplace=True)
        return self.classifier(functional.relu(self.head_fc2(x), inplace=True))


def build(name: str, mode: str = "shake") -> nn.Module:
    """A network from images, float32 (b, 3, 32, 32), to logits (b, 10). mode: of the blocks of Shake-Shake."""
    network = {
        "resnet_cifar": lambda: ResNet(16, (3, 3, 3), imagenet=False),
        "resnet34": lambda: ResNet(64, (3, 4, 6, 3), imagenet=True),
        "shake26": lambda: ShakeNet(mode),
        "vgg16": Vgg,
    }[name]()
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def parameter_paths(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters by their path in `weights.npz`, such as stage2_block0_conv1/kernel."""
    paths = {}
    for place, module in network.named_modules():
        words = ("gamma", "beta") if isinstance(module, nn.BatchNorm2d) else ("kernel", "bias")
        for word, parameter in zip(
            words, (getattr(module, "weight", None), getattr(module, "bias", None)), strict=True
        ):
            if isinstance(parameter, nn.Parameter):
                paths[f"{place.replace('.', '_')}/{word}"] = parameter
    return paths


def put(network: nn.Module, weights: dict) -> None:
    """Copy weights in Keras' layout, by path. Raises ValueError unless the trainable parameters are the same."""
    parameters = parameter_paths(network)
    if parameters.keys() != weights.keys():
        raise ValueError(f"The networks differ in {sorted(parameters.keys() ^ weights.keys())[:5]}")
    with torch.no_grad():
        for path, parameter in parameters.items():
            value = torch.from_numpy(weights[path])
            # kernels: (h, w, in, out) of a convolution, (in, out) of a dense layer
            value = value.permute(3, 2, 0, 1) if value.dim() == 4 else value.T if value.dim() == 2 else value
            if parameter.shape != value.shape:
                raise ValueError(f"{path} has the shape {tuple(value.shape)}. Expected: {tuple(parameter.shape)}")
            parameter.copy_(value)
