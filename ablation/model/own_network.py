"""Build the network of a plugin. A network that could not be trained and compared is refused (see `own_checks`)."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras

from ablation.config.plugins import registry
from ablation.config.plugins.offline import Download, offline
from ablation.config.plugins.own_schema import OwnChoice
from ablation.errors import AblateError
from ablation.model import keras_private
from ablation.model.layer_origins import Origins, keep, recorded
from ablation.text import gist, list_with_more, typed_value

TRAINING_METHODS = ("train_step", "compute_loss")
HALF = ("float16", "bfloat16")
SHOWN = 3  # layers in a message, at most
PROBABILITIES = ("softmax", "sigmoid")


class Unseeded(AblateError):
    """A network that draws random numbers without a seed."""


class OwnNetwork:
    """The network of a plugin, with the values of its keys.

    name: in the plugin file. build: its function; by default the one that this process has loaded. input_shape: of one
    example. classes: the number of logits.
    """

    def __init__(
        self, model: OwnChoice, input_shape: tuple[int, ...], classes: int, build: Callable[..., Any] | None = None
    ):
        self.name, self.keys = model.SPEC[1], model.parameters()
        self.choice = model
        self.build: Callable[..., Any] = build or registry.parts("NETWORKS")[self.name]
        self.input_shape, self.classes = tuple(input_shape), classes

    def graph(self) -> keras.Model:
        """The network as a functional model with one input and one output. Raises AblateError."""
        with recorded() as origins, self._settings_kept():
            model = self._returned()
            self._check_class(model)
            graph = self._functional(model, origins)
        keep(graph, origins)
        self._check_origin(graph, origins)
        self._check_output(graph)
        return graph

    def _check_origin(self, graph: keras.Model, origins: Origins) -> None:
        """Raise AblateError for layers that the function did not make itself, which keep their values between calls."""
        foreign = [layer.name for layer in keras_private.all_layers(graph) if id(layer) not in origins.created]
        if foreign:
            raise self.error(
                f"has layers that were made before the function was called: {list_with_more(foreign, SHOWN)}",
                "layers that the function makes",
                "Make the layers in the function",
            )

    def error(self, problem: str, allowed: str, remedy: str) -> AblateError:
        """The error for this network. problem: continues `The network mine `."""
        keys = "".join(f" model.{name}={typed_value(value)}" for name, value in self.keys.items())
        return AblateError(
            f"The network {self.name} {problem}. Received model={self.name}{keys}. Allowed: {allowed}. {remedy}, and "
            "see docs/own_network.md"
        )

    def unseeded(self, where: str) -> AblateError:
        """The error for a network that draws random numbers without a seed. where: says in which layer."""
        error = self.error(
            f"gives different outputs for the same images, weights and seeds{where}",
            "random numbers of keras.random with a keras.random.SeedGenerator that the layer keeps, and no other state",
            "Type seed=self.seed_generator in the call of keras.random",
        )
        return Unseeded(str(error))

    def cannot_be_built(self, error: BaseException) -> AblateError:
        """The error for an exception in the plugin's code."""
        return self.error(
            f"cannot be built for examples of shape {self.input_shape} and {self.classes} classes ({gist(error)})",
            "a function that returns a Keras model for this shape",
            "Correct the function",
        )

    @contextlib.contextmanager
    def _settings_kept(self) -> Iterator[None]:
        """Raise AblateError if the plugin changes Keras' settings, and restore them: a run records those of ablate."""
        before = _settings()
        if before["floatx"] != "float32":
            keras.config.set_floatx("float32")
            raise self._changes_settings("floatx")
        yield
        after = _settings()
        changed = [name for name in before if before[name] != after[name]]
        if changed:
            keras.config.set_floatx(before["floatx"])
            keras.config.set_image_data_format(before["image_data_format"])
            keras.config.set_dtype_policy(before["dtype_policy"])
            raise self._changes_settings(list_with_more(changed))

    def _changes_settings(self, names: str) -> AblateError:
        return self.error(
            f"changes {names} of Keras for the whole process",
            "the settings of the run, which train.precision chooses, or a dtype= for single layers",
            "Leave set_floatx, set_dtype_policy, set_image_data_format and clear_session out",
        )

    def _returned(self) -> Any:
        try:
            with offline(), self._never_compiled():
                return self.build(self.input_shape, self.classes, **self.keys)
        except Download as error:
            raise self.error(
                f"opens a connection while it is built ({error}), so nobody could repeat the run without it",
                "a function that only builds, for example with weights=None",
                "Type model.weights=FILE.weights.h5, to start from weights on your disk",
            ) from None
        except AblateError:
            raise
        except (Exception, SystemExit) as error:
            raise self.cannot_be_built(error) from error

    @contextlib.contextmanager
    def _never_compiled(self) -> Iterator[None]:
        """Raise AblateError if a model is compiled within the context, also one that is only a part."""

        def compile_model(*_: Any, **__: Any) -> None:
            raise self._compiled()

        with keras_private.replaced(keras.Model, "compile", compile_model):
            yield

    def _compiled(self) -> AblateError:
        return self.error(
            "is compiled, or has a part that is",
            "a model without optimizer and loss, which train.* chooses",
            "Leave compile out",
        )

    def _check_class(self, model: Any) -> None:
        """Raise AblateError unless this is a Keras model that is not compiled, and trained as Keras does."""
        if not isinstance(model, keras.Model):
            raise self.error(
                f"is no Keras model, but {type(model).__name__}", "a keras.Model", "Return the model from the function"
            )
        if model.compiled:
            raise self._compiled()
        for name in TRAINING_METHODS:
            if getattr(type(model), name) is not getattr(keras.Model, name):
                raise self.error(
                    f"defines {name}, which would not be called",
                    "a model that Keras' own train_step trains",
                    f"Leave {name} out",
                )

    def _functional(self, model: keras.Model, origins: Origins) -> keras.Model:
        """The model as a functional one, of its own layers, or around a model that defines `call` itself."""
        if isinstance(model, keras.Sequential) or keras_private.is_functional(model):
            if not model.built:  # a Sequential model without an input
                self._called(lambda: model.build((None, *self.input_shape)))
            inputs, outputs = keras.tree.flatten(model.inputs), keras.tree.flatten(model.outputs)
            self._check_input(inputs)
        else:
            origins.whole = id(model)
            name = "image" if model.name != "image" else "example"
            inputs = [keras.Input(self.input_shape, name=name)]
            outputs = keras.tree.flatten(self._called(lambda: model(inputs[0])))
        if len(outputs) != 1 or not isinstance(outputs[0], keras.KerasTensor):
            raise self.error(f"has {len(outputs)} outputs", "one output, the logits", "Return one tensor")
        logits = outputs[0]
        if str(logits.dtype) in HALF:
            logits = keras.ops.cast(logits, "float32")  # the loss is computed in single precision, as for our networks
        return keras.Model(inputs[0], logits, name=self.name)

    def _called(self, call: Callable[[], Any]) -> Any:
        try:
            with offline(), self._never_compiled():
                return call()
        except AblateError:
            raise
        except (Exception, SystemExit) as error:
            raise self.cannot_be_built(error) from error

    def _check_input(self, inputs: list[Any]) -> None:
        if len(inputs) != 1:
            raise self.error(f"has {len(inputs)} inputs", "one input, the example", "Return a model with one input")
        shape = tuple(inputs[0].shape[1:])
        if len(shape) != len(self.input_shape) or any(
            size not in (None, wanted) for size, wanted in zip(shape, self.input_shape, strict=True)
        ):
            raise self.error(
                f"has an input of shape {shape}, but the data has {self.input_shape}",
                f"an input of shape {self.input_shape}, which the function receives as its first argument",
                "Type keras.Input(input_shape)",
            )

    def _check_output(self, graph: keras.Model) -> None:
        """Raise AblateError for an output of another shape, or one that is no logits."""
        shape = tuple(graph.output_shape)
        if shape != (None, self.classes):
            raise self.error(
                f"has an output of shape {shape}",
                f"(None, {self.classes}), one logit for each of the {self.classes} classes",
                "Type keras.layers.Dense(classes) as the last layer",
            )
        if not graph.trainable_weights:
            raise self.error("has no weights to train", "a network with weights", "Add a layer that has some")
        (output,) = graph.outputs
        if not str(output.dtype).startswith(("float", "bfloat")):
            raise self.error(f"has outputs of type {output.dtype}", "floats", "Return the last Dense layer")
        activation = last_activation(graph)
        if activation in PROBABILITIES:
            raise self.no_logits(activation)

    def no_logits(self, activation: str) -> AblateError:
        """The error for a network that returns probabilities."""
        return self.error(
            f"ends in {activation}, but the loss is computed from logits",
            "logits, that is, a last layer without activation",
            f"Leave {activation} out of the last layer (in keras.applications: classifier_activation=None)",
        )


def _settings() -> dict[str, str]:
    return {
        "floatx": keras.config.floatx(),
        "image_data_format": keras.config.image_data_format(),
        "dtype_policy": keras.config.dtype_policy().name,
    }


def ends_in_logits(graph: keras.Model) -> bool:
    """Return whether the last operation is a layer of Keras with weights and no activation, such as Dense(classes)."""
    operation = keras_private.made_by(graph.outputs[0])
    is_plain = isinstance(operation, keras.layers.Dense | keras.layers.EinsumDense)
    return is_plain and last_activation(graph) == "linear"


def last_activation(graph: keras.Model) -> str:
    """The name of the activation that the last operation applies; empty if it applies none that is known."""
    (output,) = graph.outputs
    operation, _, _ = output._keras_history
    if isinstance(operation, keras.Model) or not keras_private.is_of_keras(operation):
        return ""  # its attribute may be any activation
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", "") or type(operation).__name__
    return name.lower()
