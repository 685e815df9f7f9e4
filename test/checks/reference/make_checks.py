"""Writes checks.json: principal components by NumPy, Fisher's discriminant by scikit-learn, Cramér's V after Bergsma by SciPy's chi-square, Immerkaer's
noise by SciPy's convolution, a perceptual hash by SciPy's cosine transform.

    python make_checks.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.fft import dctn
from scipy.signal import convolve2d
from scipy.stats import chi2_contingency
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

random = np.random.default_rng(11)


def numbers(x):
    return [float(f"{value:.9g}") for value in np.asarray(x).flatten().tolist()]


# Components: as the app scales them, each with deviation 1; signs are arbitrary.
features = (random.normal(size=(40, 3)) @ random.normal(size=(3, 7)) + 0.1 * random.normal(size=(40, 7))).round(4)
centred = features - features.mean(0)
u, s, _ = np.linalg.svd(centred, full_matrices=False)
components = {"features": numbers(features), "size": 7, "scores": numbers(np.abs(u[:, :3] * np.sqrt(40)))}

# Fisher's discriminant with the pooled covariance (by n) shrunk by a tenth, classes equally likely.
labels = random.integers(0, 3, 60)
rows = (random.normal(size=(60, 4)) + 0.9 * labels[:, None] * np.array([1, -1, 0.5, 0])).round(4)
learn, judge = np.arange(40), np.arange(40, 60)
model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1, priors=np.bincount(labels[learn]) / 40).fit(rows[learn], labels[learn])
equal = model.intercept_ - np.log(model.priors_)
said = np.argmax(rows[judge] @ model.coef_.T + equal, axis=1)
discriminant = {"rows": numbers(rows), "size": 4, "labels": labels.tolist(), "learn": 40, "said": said.tolist()}


def bergsma(first, second):
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)
    n = table.sum()
    phi = max(0, chi2_contingency(table, correction=False).statistic / n - (table.shape[0] - 1) * (table.shape[1] - 1) / (n - 1))
    r, c = (k - (k - 1) ** 2 / (n - 1) for k in table.shape)
    return float(np.sqrt(phi / (min(r, c) - 1)))


first = random.integers(0, 3, 50)
second = np.where(random.random(50) < 0.5, first, random.integers(0, 4, 50))
association = {"first": first.tolist(), "second": second.tolist(), "cramersV": bergsma(first, second)}

image = (np.add.outer(np.linspace(0, 0.6, 40), np.linspace(0, 0.3, 48)) + 0.03 * random.normal(size=(40, 48))).clip(0, 1).round(4)
kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
noise = np.sqrt(np.pi / 2) * np.abs(convolve2d(image, kernel, "valid")).sum() / (6 * 38 * 46)

small = random.random((32, 32)).round(3)
waves = dctn(small, 2)[:8, :8].flatten()[1:]
median = np.sort(waves)[len(waves) // 2]
hashed = sum(1 << at for at, wave in enumerate(waves) if wave > median)

content = {
    "components": components,
    "discriminant": discriminant,
    "association": association,
    "noise": {"image": numbers(image), "height": 40, "width": 48, "noise": float(noise)},
    "hash": {"image": numbers(small), "hash": str(hashed)},
}
path = Path(__file__).with_name("checks.json")
path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
print(f"{path}: {path.stat().st_size} bytes")
