"""Who means what: the conventions of PyTorch, ONNX, Keras, Flax and others, one entry for each normalizer they have.

Only what differs from the paper's definition stands here, each with the documentation that it was taken from. A
convention of a normalizer holds for its modes as well. Read by :meth:`Normalizer.convention
<symnorm.normalizers.definition.Normalizer.convention>`.
"""

from symnorm.normalizers.batch_norm import batch_norm
from symnorm.normalizers.definition import Convention, Normalizer
from symnorm.normalizers.group_norm import G, group_norm
from symnorm.normalizers.input_norm import centering, unit_length, z_score
from symnorm.normalizers.instance_norm import adaptive_instance_norm, instance_norm
from symnorm.normalizers.layer_norm import layer_norm
from symnorm.normalizers.min_max import min_max
from symnorm.normalizers.parts import BESIDE, FLOOR, ONE_AT_ZERO, UNDER
from symnorm.normalizers.rms_norm import rms_norm, scale_norm
from symnorm.normalizers.selu import selu
from symnorm.normalizers.spectral_norm import spectral_norm
from symnorm.normalizers.sync_batch_norm import sync_batch_norm
from symnorm.normalizers.weight_norm import weight_norm, weight_standardization
from symnorm.normalizers.whitening import decorrelation, pca_whitening
from symnorm.tensors import scalar, tensor

EPS = scalar("eps", positive=True)

ONE_AXIS = "N* C N*"
LAST_CHANNEL = "N* C"

BIASED = {"running_ddof": 0, "momentum_keeps": True}
"""Running statistics of ONNX, Keras and Flax: momentum weighs the old value, the variance taken in has divisor N."""

ROUNDED_ONCE = "Half precision: computed in single precision and rounded once, at the end; {} x_hat before gamma."


def declare(normalizer: Normalizer, *conventions: Convention) -> None:
    """Give a normalizer and its modes conventions."""
    normalizer.declared_conventions.update({convention.name: convention for convention in conventions})


declare(
    batch_norm,
    Convention(
        "torch",
        "torch.nn.functional.batch_norm and torch.nn.BatchNorm2d, PyTorch 2 documentation",
        remarks=(
            "momentum is the weight of the new statistic.",
            "The batch is divided by the root of its variance with divisor N; the running one takes in N - 1.",
            "One element a channel is an error there; here it becomes beta, but no new running statistic.",
            "momentum=None is the average of all batches there; here it leaves running statistics alone.",
        ),
    ),
    Convention(
        "onnx",
        "ONNX operator BatchNormalization, version 15",
        options=BIASED,
        defaults={"momentum": 0.9},
        remarks=("momentum is the weight of the old statistic.", "Both variances have divisor N."),
    ),
    Convention(
        "keras",
        "keras.layers.BatchNormalization, Keras 3 documentation",
        options=BIASED,
        defaults={"eps": 1e-3, "momentum": 0.99},
        layout=LAST_CHANNEL,
        remarks=("momentum is the weight of the old statistic.", "Both variances have divisor N."),
    ),
    Convention(
        "flax",
        "flax.linen.BatchNorm, Flax documentation",
        options=BIASED,
        defaults={"momentum": 0.99},
        layout=LAST_CHANNEL,
        remarks=(
            "momentum is the weight of the old statistic.",
            "Both variances have divisor N.",
            "use_fast_variance (the default there) computes mean(x^2) - mean(x)^2, equal but for rounding.",
        ),
    ),
)

declare(
    layer_norm,
    Convention(
        "torch",
        "torch.nn.functional.layer_norm, PyTorch 2 documentation",
        remarks=("The normalized dimensions are the last ones, as many as normalized_shape has: from axis on.",),
    ),
    Convention(
        "onnx",
        "ONNX operator LayerNormalization, version 17",
        remarks=(ROUNDED_ONCE.format("ONNX rounds"),),
    ),
    Convention(
        "keras",
        "keras.layers.LayerNormalization, Keras 3 documentation",
        defaults={"eps": 1e-3},
    ),
    Convention(
        "flax",
        "flax.linen.LayerNorm, Flax documentation",
        defaults={"eps": 1e-6},
        remarks=("use_fast_variance (the default there) computes mean(x^2) - mean(x)^2, equal but for rounding.",),
    ),
    Convention(
        "annotated",
        "Rush 2018, The Annotated Transformer, class LayerNorm",
        options={"eps_at": BESIDE, "ddof": 1},
        defaults={"eps": 1e-6},
        remarks=("The standard deviation has divisor C - 1, and eps is added to it, not to the variance.",),
    ),
)

declare(
    rms_norm,
    Convention(
        "torch",
        "torch.nn.functional.rms_norm, PyTorch 2 documentation",
        defaults={"eps": None},
        remarks=("eps left out is the machine epsilon of the computation's dtype there; here it has to be given.",),
    ),
    Convention(
        "onnx",
        "ONNX operator RMSNormalization, version 23",
        remarks=(ROUNDED_ONCE.format("ONNX rounds"),),
    ),
    Convention("keras", "keras.layers.RMSNormalization, Keras 3 documentation", defaults={"eps": 1e-6}),
    Convention("flax", "flax.linen.RMSNorm, Flax documentation", defaults={"eps": 1e-6}),
)

declare(
    group_norm,
    Convention("torch", "torch.nn.functional.group_norm, PyTorch 2 documentation"),
    Convention(
        "onnx",
        "ONNX operator GroupNormalization, version 21",
        remarks=("Since version 21 scale and bias belong to the channels; see onnx18 for the version before.",),
    ),
    Convention(
        "onnx18",
        "ONNX operator GroupNormalization, version 18",
        options={"gamma": tensor("gamma", G), "beta": tensor("beta", G)},
        remarks=("Scale and bias belong to the groups, not to the channels.",),
    ),
    Convention(
        "keras",
        "keras.layers.GroupNormalization, Keras 3 documentation",
        defaults={"eps": 1e-3},
        layout="N S* (G K)",
    ),
    Convention(
        "flax",
        "flax.linen.GroupNorm, Flax documentation",
        defaults={"eps": 1e-6},
        layout="N S* (G K)",
    ),
)

declare(
    instance_norm,
    Convention(
        "torch",
        "torch.nn.functional.instance_norm and torch.nn.InstanceNorm2d, PyTorch 2 documentation",
        remarks=(
            "gamma and beta are there only with affine=True; gamma = 1 and beta = 0 otherwise.",
            "A single position is an error there; here it becomes beta.",
            "With track_running_stats=True it is the modes tracking and inference; momentum weighs the new statistic.",
        ),
    ),
    Convention("onnx", "ONNX operator InstanceNormalization, version 22", modes=("training",)),
    Convention(
        "flax",
        "flax.linen.InstanceNorm, Flax documentation",
        defaults={"eps": 1e-6},
        layout="N S* C",
        modes=("training",),
    ),
)

declare(
    adaptive_instance_norm,
    Convention(
        "code",
        "calc_mean_std in the PyTorch code that the paper's readers use",
        options={"ddof": 1},
        remarks=("The variance of the content has divisor S - 1; eps stands under the root.",),
    ),
)

declare(
    weight_norm,
    Convention(
        "torch",
        "torch.nn.utils.parametrizations.weight_norm, PyTorch 2 documentation",
        defaults={"axis": 0},
        layout="K* C K*",
        remarks=(
            "axis is called dim there; dim = None is v as one row, v.reshape(1, -1).",
            "g has the dimensions of v there, all of them 1 but one; here it is a vector.",
        ),
        modes=("training",),
    ),
    Convention(
        "flax",
        "flax.linen.WeightNorm, Flax documentation",
        options={"eps": EPS, "eps_at": UNDER},
        defaults={"eps": 1e-12},
        layout="K* C",
        modes=("training",),
    ),
)

TRANSPOSED = "K* C"
ONE_STEP = "The singular value is that of one step of the power iteration: see the mode power_iteration."

declare(
    spectral_norm,
    Convention(
        "torch",
        "torch.nn.utils.spectral_norm, PyTorch 2 documentation",
        options={"eps": EPS, "eps_at": FLOOR},
        defaults={"eps": 1e-12},
        remarks=(
            ONE_STEP,
            "torch.nn.utils.parametrizations.spectral_norm goes the other way round: u from the kept v, then v from u.",
        ),
    ),
    Convention(
        "keras",
        "keras.layers.SpectralNormalization, Keras 3",
        options={"eps": EPS, "eps_at": FLOOR},
        defaults={"eps": 1e-7},
        layout=TRANSPOSED,
        remarks=(ONE_STEP, "The layer's kernel itself is overwritten with the result, at every step of training."),
    ),
    Convention(
        "flax",
        "flax.linen.SpectralNorm, Flax documentation",
        options={"eps": EPS, "eps_at": UNDER},
        defaults={"eps": 1e-12},
        layout=TRANSPOSED,
        remarks=(ONE_STEP, "A singular value of 0 counts as 1 there."),
    ),
)

declare(
    weight_standardization,
    Convention(
        "code",
        "the Conv2d of the authors' PyTorch code, github.com/joe-siyuan-qiao/WeightStandardization",
        options={"eps_at": BESIDE, "ddof": 1},
        remarks=("The standard deviation has divisor K - 1, and eps is added to it, not to the variance.",),
    ),
)

declare(
    scale_norm,
    Convention(
        "code",
        "class ScaleNorm of the authors' PyTorch code, github.com/tnq177/transformers_without_tears",
        options={"eps": EPS, "eps_at": FLOOR},
        defaults={"eps": 1e-5},
        remarks=("A length below eps counts as eps.",),
    ),
)

declare(
    unit_length,
    Convention(
        "torch",
        "torch.nn.functional.normalize, PyTorch 2 documentation",
        options={"eps": EPS, "eps_at": FLOOR},
        defaults={"eps": 1e-12, "axis": 1},
        layout=ONE_AXIS,
        remarks=(
            "A length below eps counts as eps, so a zero vector stays zero.",
            "Its gradient is du/eps; in the mode lp, whose closed form divides by the length, it is NaN.",
        ),
    ),
    Convention(
        "onnx",
        "ONNX operator LpNormalization, version 22",
        options={"eps_at": ONE_AT_ZERO},
        layout=ONE_AXIS,
        remarks=("A zero vector stays zero.",),
        modes=("training", "l1"),
    ),
    Convention(
        "keras",
        "keras.layers.UnitNormalization, Keras 3",
        options={"eps": EPS, "eps_at": FLOOR},
        defaults={"eps": 1e-12},
        layout=ONE_AXIS,
        remarks=("A length below eps counts as eps, so a zero vector stays zero.",),
        modes=("training",),
    ),
    Convention(
        "sklearn",
        "sklearn.preprocessing.Normalizer, scikit-learn documentation",
        options={"eps_at": ONE_AT_ZERO},
        remarks=("A zero vector stays zero.",),
        modes=("training", "l1", "linf"),
    ),
)

declare(
    min_max,
    Convention(
        "sklearn",
        "sklearn.preprocessing.MinMaxScaler, scikit-learn documentation",
        options={"eps_at": ONE_AT_ZERO},
        remarks=("A feature that does not vary becomes the lower bound.",),
    ),
)

declare(
    centering,
    Convention("sklearn", "sklearn.preprocessing.StandardScaler with with_std=False, scikit-learn documentation"),
)

SIGNED = "Components come in the order of falling variance there, here of rising; either may have the other's sign."

declare(
    decorrelation,
    Convention("sklearn", "sklearn.decomposition.PCA, scikit-learn documentation", remarks=(SIGNED,)),
)

declare(
    pca_whitening,
    Convention(
        "sklearn",
        "sklearn.decomposition.PCA with whiten=True, scikit-learn documentation",
        options={"ddof": 1},
        remarks=("Components have the variance 1 with divisor N - 1.", SIGNED),
    ),
)

SYNCHRONIZED = "The shards are the batches of the processes; here they are one array, and of equal size."

declare(
    sync_batch_norm,
    Convention(
        "torch",
        "torch.nn.SyncBatchNorm, PyTorch 2 documentation",
        remarks=("momentum is the weight of the new statistic.", SYNCHRONIZED),
    ),
    Convention(
        "keras",
        "keras.layers.BatchNormalization with synchronized=True, Keras 3 documentation",
        options=BIASED,
        defaults={"eps": 1e-3, "momentum": 0.99},
        layout="(D M) M* C",
        remarks=("momentum is the weight of the old statistic.", "Both variances have divisor D M.", SYNCHRONIZED),
    ),
    Convention(
        "flax",
        "flax.linen.BatchNorm with axis_name, Flax documentation",
        options=BIASED,
        defaults={"momentum": 0.99},
        layout="(D M) M* C",
        remarks=("momentum is the weight of the old statistic.", "Both variances have divisor D M.", SYNCHRONIZED),
    ),
)

SLOPE_AT_0 = "The slope at x = 0 is scale alpha there; here it is the mean of that and scale."

declare(
    selu,
    Convention("torch", "torch.nn.functional.selu, PyTorch 2 documentation", remarks=(SLOPE_AT_0,)),
    Convention(
        "onnx",
        "ONNX operator Selu, version 22",
        defaults={"alpha": 1.67326319217681884765625, "scale": 1.05070102214813232421875},
        remarks=("The constants are rounded to single precision; scale is called gamma.",),
    ),
    Convention("keras", "keras.activations.selu, Keras 3 documentation"),
    Convention("flax", "jax.nn.selu, JAX documentation", remarks=(SLOPE_AT_0,)),
)

declare(
    z_score,
    Convention(
        "onnx",
        "ONNX operator MeanVarianceNormalization, version 13, with its function body",
        options={"eps": EPS, "eps_at": BESIDE},
        defaults={"eps": 1e-9},
        remarks=(
            "The documented formula has no eps; the function body of the operator adds 1e-9 to the root.",
            "For axes = [0, 2, 3], the default there, and their like for other numbers of dimensions.",
        ),
    ),
    Convention(
        "sklearn",
        "sklearn.preprocessing.StandardScaler, scikit-learn documentation",
        options={"eps_at": ONE_AT_ZERO},
        remarks=("A feature that does not vary is only centred.",),
    ),
)
