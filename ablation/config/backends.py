"""The packages of each backend, and the environment variables, that can change the bits of a result."""

SHAPING = {"tensorflow": ("keras", "numpy", "tensorflow"), "jax": ("keras", "numpy", "jax", "jaxlib")}
FLAGS = (  # variables that change which kernels run; a record contains no other environment variable
    *("TF_ENABLE_ONEDNN_OPTS", "TF_SET_ONEDNN_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "TF_XLA_FLAGS", "XLA_FLAGS", "OMP_NUM_THREADS", "OMP_SCHEDULE"),
    *("JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION"),
    *("NVIDIA_TF32_OVERRIDE", "TF_CUDNN_DETERMINISTIC", "TF_DETERMINISTIC_OPS", "TF_CUDNN_USE_AUTOTUNE"),
)
