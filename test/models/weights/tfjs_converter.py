"""The converter of TensorFlow.js, whose package wants more than it needs: decision forests and JAX, which no network here is made of.

    pip install tensorflow-cpu tf_keras h5py
    pip install --no-deps tensorflowjs tensorflow_hub importlib_resources     (4.22.0, with TensorFlow 2.21 and tf_keras 2.21)
"""

import os
import sys
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
# The converter knows the Keras of TensorFlow 2.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow  # noqa: F401  before the stand-ins, which it would take for the real ones
import tf_keras  # noqa: F401

for name in ["tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax"].experimental = sys.modules["jax.experimental"]
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

from tensorflowjs import write_weights, read_weights  # noqa: E402,F401
from tensorflowjs.converters import save_keras_model  # noqa: E402,F401
from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model  # noqa: E402,F401
