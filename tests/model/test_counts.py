"""Sizes of the shipped networks against published and independently built ones.

`trainable` = weights of convolutions, dense layers and norms (torchvision's num_params); `total` adds the norms'
moving statistics (Keras' count_params); MACs = multiply-adds of convolutions and dense layers.
"""

import keras
import pytest

import ablation
from ablation.cli import composition
from ablation.model import counts
from ablation.model.network import outline

IMAGENET, SMALL = ((224, 224, 3), 1000), ((32, 32, 3), 10)
G, M = 10**9, 10**6
RESNEXT = ["model.stride_in=3x3"]

# overrides, (input, classes), trainable, total, MACs
ROWS = [
    (["model=vgg16"], IMAGENET, 138_357_544, 138_357_544, 15_470_264_320),
    (["model=vgg19"], IMAGENET, 143_667_240, 143_667_240, 19_632_062_464),
    (["model=resnet18"], IMAGENET, 11_689_512, 11_699_112, 1_814_073_344),
    (["model=plain34"], IMAGENET, 21_623_848, 21_639_080, 3_644_493_824),
    (["model=resnet34", "model.shortcut=identity_pad"], IMAGENET, 21_623_848, 21_639_080, 3_644_493_824),
    (["model=resnet34"], IMAGENET, 21_797_672, 21_814_696, 3_663_761_408),
    (["model=resnet50", "model.conv_bias=true"], IMAGENET, 25_583_592, 25_636_712, 3_857_973_248),
    (["model=resnet50"], IMAGENET, 25_557_032, 25_610_152, 3_857_973_248),
    (["model=resnet50", "model.stride_in=3x3"], IMAGENET, 25_557_032, 25_610_152, 4_089_184_256),
    (["model=plain50"], IMAGENET, 22_780_456, 22_825_896, 3_498_311_680),
    (["model=plain50", "model.conv_bias=true"], IMAGENET, 22_803_176, 22_848_616, 3_498_311_680),
    (["model=vgg16"], SMALL, 33_638_218, 33_638_218, 332_111_872),
    (["model=vgg19"], SMALL, 38_947_914, 38_947_914, 417_046_528),
    (["model=vgg16", "model.norm=batch", "model.head=global_pool"], SMALL, 14_728_266, 14_736_714, 313_201_664),
    (["model=resnet34"], SMALL, 21_282_122, 21_299_146, 1_159_402_496),
    (["model=plain34"], SMALL, 21_108_298, 21_123_530, 1_153_111_040),
    (["model=resnet50"], SMALL, 23_520_842, 23_573_962, 1_222_332_416),
    (["model=resnet50", "model.stride_in=3x3"], SMALL, 23_520_842, 23_573_962, 1_297_829_888),
    (["model=plain50"], SMALL, 20_744_266, 20_789_706, 1_104_891_904),
    (["model=resnet34", "model.stem=imagenet"], SMALL, 21_289_802, 21_306_826, 74_765_312),
    (["model=plain34", "model.stem=imagenet"], SMALL, 21_115_978, 21_131_210, 74_372_096),
    (["model=resnet50", "model.stem=imagenet", "model.conv_bias=true"], SMALL, 23_555_082, 23_608_202, None),
    (["model=shake26"], SMALL, 2_923_162, 2_930_810, 426_689_792),
    (["model=shake26", "model.width=64"], SMALL, 11_653_978, 11_669_242, 1_685_506_560),
    (["model=shake26", "model.width=96"], SMALL, 26_192_922, 26_215_802, 3_776_892_672),
    (["model=shake26", "model.width=112"], SMALL, 35_640_442, 35_667_130, 5_134_799_232),
    (["model=resnet_cifar", "model.depth=20"], SMALL, 269_722, 271_098, None),
    (["model=resnet_cifar", "model.depth=32"], SMALL, 464_154, 466_426, None),
    (["model=resnet_cifar", "model.depth=44"], SMALL, 658_586, 661_754, None),
    (["model=resnet_cifar", "model.depth=56"], SMALL, 853_018, 857_082, None),
    (["model=resnet_cifar", "model.depth=110"], SMALL, 1_727_962, 1_736_058, None),
    # torchvision's resnext50_32x4d, 4.23 GFLOPS there; imgclsmob's ResNeXt-101 (32x4d)
    (["model=resnet50", *RESNEXT, "model.groups=32"], IMAGENET, 25_028_904, 25_097_128, 4_230_479_872),
    (["model=resnet101", *RESNEXT, "model.groups=32"], IMAGENET, 44_177_704, 44_315_560, None),
    # imgclsmob's SE-ResNet-50, SE-ResNet-101 and SE-ResNeXt-50 (32x4d)
    (["model=resnet50", "model.squeeze_excite=16"], IMAGENET, 28_088_024, 28_141_144, 3_857_973_248 + 2_514_944),
    (["model=resnet101", "model.squeeze_excite=16"], IMAGENET, 49_326_872, 49_432_216, None),
    (
        ["model=resnet50", *RESNEXT, "model.groups=32", "model.squeeze_excite=16"],
        IMAGENET,
        27_559_896,
        27_628_120,
        None,
    ),
    # kuangliu/pytorch-cifar: 11,171,146, 21,279,306 and 23,509,066 without the norm before the head
    (["model=resnet18", "model.order=pre"], SMALL, 11_171_146 + 1_024, 11_179_978, None),
    (["model=resnet34", "model.order=pre"], SMALL, 21_279_306 + 1_024, 21_295_562, None),
    (["model=resnet50", "model.order=pre"], SMALL, 23_509_066 + 4_096, 23_558_602, None),
]
TWO_CLASSES = {  # 224 px, 2 classes: trainable
    "vgg16": 134_268_738,
    "vgg19": 139_578_434,
    "resnet34": 21_285_698,
    "plain34": 21_111_874,
    "resnet50": 23_512_130,
    "plain50": 20_735_554,
}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("overrides", "task", "trainable", "total", "macs"), ROWS, ids=lambda v: " ".join(v) if isinstance(v, list) else ""
)
def test_trainable_total_and_macs(overrides, task, trainable, total, macs):
    model = outline(composition.compose([*overrides, "data=cifar10"]).config.model, *task)
    assert counts.parameters(model) == (trainable, total)
    assert model.count_params() == total
    if macs is not None:
        assert counts.macs(model) == macs


@pytest.mark.parametrize(("groups", "weights"), [(1, 69_632), (32, 70_144)])
def test_a_block_of_256_channels_has_the_weights_of_the_resnext_paper(groups, weights):
    """Section 3.3 and Figure 3: about 70 k, and with 32 groups of 4 the same. Its grouped kernel sees 4 channels."""
    model = ablation.build(["model=resnet50", f"model.groups={groups}"], *SMALL)
    block = [model.get_layer(f"stage1_block1_conv{i}") for i in (1, 2, 3)]
    assert sum(layer.count_params() for layer in block) == weights
    inner = 64 if groups == 1 else 128
    assert block[1].kernel.shape == (3, 3, inner // groups, inner) and block[1].groups == groups


@pytest.mark.integration
@pytest.mark.parametrize("name", TWO_CLASSES)
def test_trainable_for_two_classes(name):
    model = outline(composition.compose([f"model={name}", "data=cifar10"]).config.model, (224, 224, 3), 2)
    assert counts.parameters(model)[0] == TWO_CLASSES[name]


def test_recurrent_and_transposed_layers():
    image = keras.Input((8, 4, 3))
    up = keras.layers.Conv2DTranspose(5, 2, strides=2)(image)
    assert counts.macs(keras.Model(image, up)) == 8 * 4 * 2 * 2 * 3 * 5
    steps = keras.Input((7, 3))
    lstm = keras.layers.LSTM(6)(steps)
    assert counts.macs(keras.Model(steps, keras.layers.Dense(2)(lstm))) == 7 * (3 * 24 + 6 * 24) + 12


def test_attention_is_counted_by_its_dense_layers():
    tokens = keras.Input((5, 8))
    attention = keras.layers.MultiHeadAttention(2, 3)(tokens, tokens)
    assert counts.macs(keras.Model(tokens, attention)) == 5 * 4 * 8 * 6


class TransposedDense(keras.layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 3), name="kernel")

    def call(self, x):
        return keras.ops.matmul(x, self.kernel)


class Halves(keras.layers.Layer):
    def call(self, x):
        return keras.ops.split(x, 2, axis=-1)


class Penalty(keras.layers.Layer):
    def call(self, x):
        self.add_loss(keras.ops.sum(x))
        return {}


class ByKeyword(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm, self.penalty, self.last = keras.layers.LSTM(2), Penalty(), keras.layers.Dense(3)

    def call(self, x):
        x = self.lstm(sequences=x)
        self.penalty(x)
        return self.last(x)


def test_layers_of_any_form_are_counted():
    table = keras.Input((4,))
    first, second = Halves()(keras.layers.Dense(6)(table))
    assert counts.macs(keras.Model(table, TransposedDense()(first * second))) == 4 * 6 + 3 * 3
    signal = keras.Input((5, 2))
    network = keras.Model(signal, ByKeyword()(signal))
    assert counts.macs(network) == 5 * (2 * 8 + 2 * 8) + 2 * 3
