# python predict.py IMAGE.dcm [MORE.dcm ...]   (once: pip install -r requirements.txt)
import json, sys
from pathlib import Path
import onnxruntime
from graft_preprocess import prepare_image

folder = Path(__file__).parent
preprocessing, labels = (json.loads((folder / f"{name}.json").read_text("utf8")) for name in ("preprocessing", "labels"))
session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
for path in sys.argv[1:]:
    (probabilities,) = session.run(["probabilities"], {"image": prepare_image(path, preprocessing)[None]})
    print(json.dumps(dict(zip(labels["classes"], probabilities[0].tolist()))))
