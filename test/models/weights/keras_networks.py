"""Networks of many kinds of layers, in the Keras that is given: of Keras 3, or of TensorFlow 2."""

import numpy as np


def zoo(keras, new):
    """Most layers that Graft reads, each once or twice. `new`: also those that Keras 2 or TensorFlow.js does not have."""
    layers = keras.layers
    image = keras.Input((16, 12, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.5], name="standard")(x)
    if new:
        x = layers.RandomFlip(name="flip")(x)
    x = layers.ZeroPadding2D(((0, 1), (2, 1)), name="pad")(x)
    x = layers.Conv2D(8, (3, 2), strides=(2, 1), padding="same", activation="relu", name="conv")(x)
    x = layers.BatchNormalization(scale=False, name="bn_without_gamma")(x)
    a = layers.Conv2D(8, 3, padding="same", dilation_rate=2, use_bias=False, name="dilated")(x)
    a = layers.BatchNormalization(center=False, epsilon=1e-2, name="bn_without_beta")(a)
    a = layers.LeakyReLU(name="leaky")(a)
    b = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="silu" if new else "swish", name="depthwise")(x)
    b = layers.Conv2D(8, 1, groups=2 if new else 1, activation="elu", name="grouped")(b)
    c = layers.SeparableConv2D(8, 3, padding="same", activation="tanh", name="separable")(x)
    x = layers.Add(name="sum")([a, b, c])
    x = layers.PReLU(shared_axes=[1, 2], alpha_initializer=keras.initializers.Constant(0.2), name="prelu")(x)
    d = layers.MaxPooling2D(3, strides=2, padding="same", name="max")(x)
    e = layers.AveragePooling2D((2, 2), padding="same", name="mean")(x)
    e = layers.Multiply(name="product")([e, layers.Activation("hard_sigmoid", name="hard")(e)])
    x = layers.Concatenate(name="joined")([layers.Average(name="average")([d, e]), layers.Maximum(name="most")([d, e])])
    s = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    s = layers.Dense(4, activation="gelu" if new else "selu", name="reduce")(s)
    s = layers.Dense(16, activation="sigmoid", name="expand")(s)
    x = layers.Multiply(name="excite")([x, s])
    y = layers.Subtract(name="difference")([x, layers.ReLU(0.5, name="limited")(x)])
    y = layers.UpSampling2D(2, name="larger")(y)
    y = layers.Cropping2D(((1, 0), (0, 1)), name="cropped")(y)
    if new:
        y = layers.LayerNormalization(name="ln")(y)
        y = layers.GroupNormalization(4, name="gn")(y)
    y = layers.SpatialDropout2D(0.2, name="dropped")(y)
    y = layers.ReLU(6.0, name="relu6")(y)
    y = layers.ReLU(negative_slope=0.1, name="slope")(y)
    y = layers.Conv2D(8, 3, strides=2, activation=None, name="last")(y)
    y = layers.Permute((2, 1, 3), name="turned")(y)
    height, width = y.shape[1:3]
    y = layers.Reshape((height, width, 8), name="shaped")(y)
    y = layers.GlobalAveragePooling2D(name="pool")(y)
    y = layers.Dropout(0.3, name="dropout")(y)
    y = layers.Dense(5, activation="softmax", name="top")(y)
    return keras.Model(image, y, name="zoo")


def block(keras, channels, name):
    """Inner layers have the same names in every block."""
    layers = keras.layers
    x = keras.Input((None, None, channels))
    y = layers.Conv2D(6, 3, padding="same", name="conv")(x)
    y = layers.BatchNormalization(name="bn")(y)
    return keras.Model(x, layers.Activation("relu", name="act")(y), name=name)


def nested(keras):
    """Models in a sequential model, and a head of dense layers on what was flattened."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 10, 1)),
            block(keras, 1, "first"),
            layers.MaxPooling2D(name="down"),
            keras.Sequential([keras.Input((4, 5, 6)), block(keras, 6, "inner"), layers.AveragePooling2D((2, 1), name="mean")], name="second"),
            layers.Flatten(name="flat"),
            layers.Dense(7, name="hidden"),
            layers.BatchNormalization(name="hidden_bn"),
            layers.Activation("relu", name="hidden_relu"),
            layers.Dense(3, name="top"),
        ],
        name="nested",
    )


def trained(model):
    """As after training: no array as it was initialised."""
    random = np.random.default_rng(5)
    for weight in model.weights:
        values = weight.numpy()
        if values.dtype.kind != "f":
            continue
        positive = "variance" in weight.name or "gamma" in weight.name
        weight.assign(random.uniform(0.5, 1.5, values.shape) if positive else values + random.uniform(-0.1, 0.1, values.shape))
    return model
