"""What a bear and a dog are made of; shapes of our own, measured on no single animal."""

from quadruped import Anatomy, Lump

BEAR = Anatomy(
    joints={
        "hips": (-0.60, 0, 0.86),
        "spine": (-0.15, 0, 0.92),
        "chest": (0.30, 0, 0.92),
        "neck": (0.62, 0, 0.95),
        "head": (0.93, 0, 0.93),
        "fore_upper": (0.46, 0.20, 0.74),
        "fore_lower": (0.40, 0.20, 0.42),
        "fore_paw": (0.46, 0.20, 0.12),
        "hind_upper": (-0.62, 0.19, 0.76),
        "hind_lower": (-0.53, 0.20, 0.43),
        "hind_paw": (-0.67, 0.20, 0.14),
    },
    flesh=(
        Lump("hips", (-0.58, 0, 0.77), (0.40, 0.33, 0.35)),
        Lump("spine", (-0.12, 0, 0.72), (0.60, 0.34, 0.36)),
        Lump("chest", (0.36, 0, 0.78), (0.40, 0.29, 0.36)),
        Lump("chest", (0.36, 0, 1.03), (0.28, 0.15, 0.15)),
        Lump("neck", (0.50, 0, 0.90), (0.30, 0.215), end=(0.86, 0, 0.93)),
        Lump("head", (0.97, 0, 0.96), (0.22, 0.20, 0.20), blend=0.05),
        Lump("head", (0.97, 0.10, 0.90), (0.15, 0.11, 0.14), paired=True, blend=0.05),
        Lump("head", (1.08, 0, 0.905), (0.118, 0.082), end=(1.31, 0, 0.865), blend=0.05),
        Lump("head", (1.08, 0, 0.85), (0.09, 0.06), end=(1.27, 0, 0.83), blend=0.05),
        Lump("hips", (-0.97, 0, 0.86), (0.07, 0.05, 0.07)),
        Lump("fore_upper", (0.44, 0.20, 0.68), (0.185, 0.13, 0.30), paired=True),
        Lump("fore_upper", (0.44, 0.20, 0.62), (0.16, 0.14), end=(0.41, 0.20, 0.42), paired=True),
        Lump(
            "fore_lower", (0.41, 0.20, 0.42), (0.14, 0.115), end=(0.46, 0.20, 0.13), paired=True, blend=0.06
        ),
        Lump("fore_paw", (0.54, 0.20, 0.07), (0.17, 0.115, 0.075), paired=True, blend=0.05),
        Lump("hind_upper", (-0.60, 0.19, 0.64), (0.25, 0.14, 0.31), paired=True),
        Lump("hind_upper", (-0.56, 0.20, 0.58), (0.20, 0.165), end=(-0.52, 0.20, 0.44), paired=True),
        Lump(
            "hind_lower", (-0.53, 0.20, 0.43), (0.155, 0.12), end=(-0.66, 0.20, 0.17), paired=True, blend=0.06
        ),
        Lump(
            "hind_paw", (-0.67, 0.20, 0.13), (0.105, 0.085), end=(-0.52, 0.20, 0.07), paired=True, blend=0.05
        ),
        Lump("hind_paw", (-0.54, 0.20, 0.07), (0.19, 0.115, 0.073), paired=True, blend=0.05),
        Lump("head", (0.90, 0.16, 1.125), (0.042, 0.08, 0.09), paired=True, blend=0.02),
    ),
    low=(-1.2, -0.46, -0.06),
    high=(1.5, 0.46, 1.34),
    step=0.0165,
    nose=(1.385, 0, 0.885),
    eye=(1.14, 0.115, 1.03),
    detail_m=0.02,
)

DOG = Anatomy(
    joints={
        "hips": (-0.32, 0, 0.56),
        "spine": (-0.05, 0, 0.58),
        "chest": (0.22, 0, 0.57),
        "neck": (0.33, 0, 0.64),
        "head": (0.45, 0, 0.80),
        "fore_upper": (0.26, 0.09, 0.46),
        "fore_lower": (0.22, 0.09, 0.28),
        "fore_paw": (0.25, 0.09, 0.07),
        "hind_upper": (-0.34, 0.09, 0.50),
        "hind_lower": (-0.27, 0.09, 0.30),
        "hind_paw": (-0.39, 0.09, 0.12),
    },
    flesh=(
        Lump("hips", (-0.30, 0, 0.53), (0.15, 0.105, 0.125)),
        Lump("spine", (-0.05, 0, 0.545), (0.26, 0.10, 0.105)),
        Lump("chest", (0.22, 0, 0.52), (0.17, 0.12, 0.17)),
        Lump("neck", (0.29, 0, 0.59), (0.10, 0.075), end=(0.45, 0, 0.78), blend=0.06),
        Lump("head", (0.47, 0, 0.80), (0.10, 0.078, 0.08), blend=0.04),
        Lump("head", (0.52, 0, 0.785), (0.052, 0.034), end=(0.67, 0, 0.765), blend=0.03),
        Lump("head", (0.43, 0.075, 0.83), (0.028, 0.018), end=(0.45, 0.095, 0.74), paired=True, blend=0.015),
        Lump("hips", (-0.43, 0, 0.60), (0.03, 0.013), end=(-0.68, 0, 0.84), blend=0.03),
        Lump("fore_upper", (0.25, 0.09, 0.45), (0.07, 0.05, 0.12), paired=True, blend=0.04),
        Lump(
            "fore_upper", (0.245, 0.09, 0.42), (0.045, 0.032), end=(0.22, 0.09, 0.28), paired=True, blend=0.04
        ),
        Lump(
            "fore_lower", (0.22, 0.09, 0.28), (0.032, 0.024), end=(0.25, 0.09, 0.07), paired=True, blend=0.02
        ),
        Lump("fore_paw", (0.275, 0.09, 0.032), (0.05, 0.034, 0.032), paired=True, blend=0.02),
        Lump("hind_upper", (-0.32, 0.09, 0.46), (0.10, 0.06, 0.13), paired=True, blend=0.04),
        Lump(
            "hind_upper", (-0.30, 0.09, 0.40), (0.06, 0.042), end=(-0.27, 0.09, 0.30), paired=True, blend=0.04
        ),
        Lump(
            "hind_lower",
            (-0.27, 0.09, 0.30),
            (0.036, 0.025),
            end=(-0.39, 0.09, 0.12),
            paired=True,
            blend=0.02,
        ),
        Lump(
            "hind_paw", (-0.39, 0.09, 0.12), (0.025, 0.022), end=(-0.37, 0.09, 0.04), paired=True, blend=0.02
        ),
        Lump("hind_paw", (-0.345, 0.09, 0.03), (0.05, 0.033, 0.03), paired=True, blend=0.02),
    ),
    low=(-0.75, -0.2, -0.03),
    high=(0.78, 0.2, 0.98),
    step=0.009,
    nose=(0.69, 0, 0.77),
    eye=(0.545, 0.045, 0.825),
    detail_m=0.011,
)
