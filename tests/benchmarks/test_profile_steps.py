"""Which kind an operation is, and how a step's time is divided among the kinds."""

import pytest

from benchmarks.profile_steps import KINDS, PATHS, TYPES, Event, is_operation, kind, milliseconds_by_kind, self_times

BODY = "while/body/_1/while/StatefulPartitionedCall"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet20_1/stage1_block0_conv1_1/convolution:_MklNativeConv2D", "convolution, forward"),
        ("gradient_tape/stage1_block0_conv1_1/Conv2DBackpropInput:_MklNativeConv2DBackpropInput", KINDS[1]),
        ("gradient_tape/stage1_block0_conv1_1/Conv2DBackpropFilter:Conv2DBackpropFilter", KINDS[2]),
        ("vgg16_1/head_fc1_1/MatMul:MatMul", "dense layers"),
        ("vgg16_1/stage1_conv1_1/BiasAdd:BiasAdd", "bias, activation, sum, mix"),
        ("resnet20_1/stem_norm_1/batchnorm/mul:Mul", "batch norm"),
        ("resnet20_1/stem_norm_1/FusedBatchNormV3:FusedBatchNormV3", "batch norm"),
        ("sgd/truediv_51:RealDiv", "optimizer"),
        ("update/ResourceApplyKerasMomentum:ResourceApplyKerasMomentum", "optimizer"),
        ("gradient_tape/resnet20_1/stage1_block1_out_1/ReluGrad:ReluGrad", "bias, activation, sum, mix"),
        ("AddN_34:AddN", "bias, activation, sum, mix"),
        ("resnet34_1/stem_pool_1/MaxPool2d:MaxPool", "pooling and padding"),
        ("PyFuncStateless:PyFuncStateless", "pipeline"),
        ("compile_loss/LogSoftmax:LogSoftmax", "other"),
    ],
)
def test_an_operation_s_kind_follows_from_its_type_else_from_its_layer(name, expected):
    assert kind(f"{BODY}/{name}") == expected


def test_every_kind_that_is_given_is_printed():
    assert {*TYPES.values(), *PATHS.values(), "other"} == set(KINDS)


def test_the_executor_s_own_events_are_no_operations():
    assert is_operation("sgd/mul:Mul")
    assert not is_operation("ExecutorState::Process")
    assert not is_operation("steps")


def test_time_inside_an_operation_counts_once():
    outer, inner, innermost = Event("a:Call", 0, 100), Event("b:Mul", 10, 50), Event("c:Add", 20, 5)
    after = Event("d:Sub", 100, 7)
    assert dict(self_times([after, innermost, outer, inner])) == {"a:Call": 50, "b:Mul": 45, "c:Add": 5, "d:Sub": 7}


def test_the_step_is_divided_in_proportion_over_all_threads():
    threads = [[Event("x_norm1:Mul", 0, 30), Event("sgd/a:Mul", 30, 10)], [Event("x_norm1:Mul", 5, 60)]]
    found = milliseconds_by_kind(threads, 200.0)
    assert found["batch norm"] == pytest.approx(180)
    assert found["optimizer"] == pytest.approx(20)
    assert sum(found.values()) == pytest.approx(200)
