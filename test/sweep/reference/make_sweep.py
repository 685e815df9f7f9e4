"""Stratified, grouped folds and the rounds of successive halving as scikit-learn makes them, into sweep.json.

    pip install scikit-learn     (scikit-learn 1.9.1 made this file)
    python make_sweep.py

Folds: StratifiedGroupKFold without shuffling, on groups of different sizes and classes. Rounds: the candidates of
HalvingRandomSearchCV(min_resources="exhaust") with a resource that is counted, such as epochs.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import HalvingRandomSearchCV, StratifiedGroupKFold


def folds(case, count, groups, classes):
    random = np.random.default_rng(case)
    group, label = [], []
    for g in range(groups):
        for _ in range(random.integers(1, 7)):
            group.append(g)
            # Most images of a patient are of one class.
            label.append(int(g % classes if random.random() < 0.7 else random.integers(classes)))
    found = [0] * len(group)
    for fold, (_, test) in enumerate(StratifiedGroupKFold(count).split(np.zeros(len(group)), label, group)):
        for i in test:
            found[i] = fold
    return {"folds": count, "classes": classes, "group": group, "label": label, "fold": found}


def rounds(trials, epochs, factor):
    x = np.arange(12.0)[:, None]
    search = HalvingRandomSearchCV(
        Ridge(solver="lsqr"), {"alpha": list(range(1, trials + 1))}, n_candidates=trials, factor=factor,
        resource="max_iter", max_resources=epochs, min_resources="exhaust", cv=2, random_state=0,
    )
    search.fit(x, np.sin(x[:, 0]))
    return {"trials": trials, "epochs": epochs, "factor": factor,
            "candidates": search.n_candidates_, "resources": search.n_resources_}


result = {
    "folds": [folds(1, 5, 40, 3), folds(2, 3, 17, 2), folds(3, 10, 64, 4)],
    "rounds": [rounds(27, 27, 3), rounds(20, 9, 3), rounds(9, 30, 3), rounds(16, 16, 2), rounds(5, 8, 3)],
}
Path(__file__).with_name("sweep.json").write_text(json.dumps(result, separators=(",", ":")))
