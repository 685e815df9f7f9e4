"""LogME and H-score of fixed features, restated from their papers and published code, into transferability.json.

    pip install numpy     (numpy 2.4 made this file)
    python make_transferability.py

LogME: You et al., ICML 2021 and JMLR 2022 (github.com/thuml/LogME, the fixed-point form). H-score: Bao et al., ICIP 2019
(github.com/YaojieBao/An-Information-theoretic-Metric-of-Transferability).
"""

import json
from pathlib import Path

import numpy as np


def features(count, size):
    i, j = np.meshgrid(np.arange(count), np.arange(size), indexing="ij")
    return np.sin(1.7 * i + 0.9 * j + 0.31 * i * j) + 0.5 * np.cos(0.05 * i * i + j) + 0.8 * (((i % 3) == (j % 3)))


def log_me(f, labels, classes):
    n, d = f.shape
    u, s, _ = np.linalg.svd(f, full_matrices=False)
    sigma = s**2
    # The published code has only `sigma` in the sum of logarithms, which is the same where images outnumber features.
    all_of_them = np.concatenate([sigma, np.zeros(max(0, d - n))])
    found = []
    for label in range(classes):
        y = (labels == label).astype(float)
        x2 = (u.T @ y) ** 2
        rest = y.sum() - x2.sum()
        alpha = beta = 1.0
        for _ in range(11):
            t = alpha / beta
            gamma = (sigma / (sigma + t)).sum()
            m2 = (sigma * x2 / (t + sigma) ** 2).sum()
            res2 = (x2 / (1 + sigma / t) ** 2).sum() + rest
            alpha = gamma / (m2 + 1e-5)
            beta = (n - gamma) / (res2 + 1e-5)
            if abs(alpha / beta - t) / t <= 1e-3:
                break
        found.append(
            (
                d / 2 * np.log(alpha)
                + n / 2 * np.log(beta)
                - np.log(alpha + beta * all_of_them).sum() / 2
                - beta / 2 * res2
                - alpha / 2 * m2
                - n / 2 * np.log(2 * np.pi)
            )
            / n
        )
    return float(np.mean(found))


def h_score(f, labels, classes):
    means = np.zeros_like(f)
    for label in range(classes):
        means[labels == label] = f[labels == label].mean(0)
    between = np.atleast_2d(np.cov(means, rowvar=False))
    within = np.atleast_2d(np.cov(f, rowvar=False))
    return float(np.trace(np.linalg.pinv(within, rcond=1e-10, hermitian=True) @ between))


cases = []
for count, size in [(60, 7), (45, 20), (24, 40)]:
    f = features(count, size).astype("float32").astype("float64")
    labels = np.arange(count) % 3
    cases.append({"count": count, "size": size, "logMe": log_me(f, labels, 3), "hScore": h_score(f, labels, 3)})
(Path(__file__).parent / "transferability.json").write_text(json.dumps(cases) + "\n")
