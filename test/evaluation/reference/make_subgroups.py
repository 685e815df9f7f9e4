"""Subgroups by a bootstrap on given draws, and images taken together, in numpy, scikit-learn and statsmodels.
Run: python make_subgroups.py > subgroups.json, and npm run format"""
import json
import sys

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(51)
nan_to_none = lambda v: None if np.isnan(v) else float(v)


def auc(y, p):
    return roc_auc_score(y, p) if len(set(y)) == 2 else np.nan


def accuracy(y, p):
    return np.mean((p > 0.5) == y) if len(y) else np.nan


def case(name, groups, patient, metric, replicates=40):
    n, patients = len(groups), int(patient.max()) + 1
    labels = rng.integers(0, 2, n)
    p = np.round(np.clip(0.5 + 0.15 * (2 * labels - 1) + rng.normal(0, 0.25, n) - 0.15 * (groups == 'b') * (2 * labels - 1), 0.01, 0.99), 3)
    draws = rng.integers(0, patients, (replicates, patients))
    of = [np.flatnonzero(patient == i) for i in range(patients)]
    names = sorted(set(groups) - {''})

    def values(who):
        at = np.concatenate([of[i] for i in who])
        out = []
        for g in names:
            own, rest = at[groups[at] == g], at[(groups[at] != g) & (groups[at] != '')]
            out.append([metric(labels[own], p[own]), metric(labels[rest], p[rest])])
        return np.array(out)

    point, samples = values(range(patients)), np.array([values(d) for d in draws])
    results, tested = [], []
    for k, g in enumerate(names):
        inside, outside = len(set(patient[groups == g])), len(set(patient[(groups != g) & (groups != '')]))
        own, apart = samples[:, k, 0], samples[:, k, 0] - samples[:, k, 1]
        own, apart = own[~np.isnan(own)], apart[~np.isnan(apart)]
        difference = point[k, 0] - point[k, 1]
        ok = inside >= 5 and outside >= 5 and not np.isnan(difference)
        results.append({'group': g, 'images': int((groups == g).sum()), 'patients': inside, 'value': nan_to_none(point[k, 0]), 'difference': nan_to_none(difference),
                        'interval': np.percentile(own, [2.5, 97.5]).tolist() if inside >= 5 else None,
                        'differenceInterval': np.percentile(apart, [2.5, 97.5]).tolist() if ok else None,
                        'pValue': float(2 * norm.sf(abs(difference) / apart.std(ddof=1))) if ok else None, 'adjusted': None})
        if ok:
            tested.append(k)
    once = tested[:1] if len(names) == 2 else tested
    adjusted = multipletests([results[k]['pValue'] for k in once], method='holm')[1]
    for i, k in enumerate(tested):
        results[k]['adjusted'] = float(adjusted[0 if len(names) == 2 else i])
    return {'name': name, 'metric': metric.__name__, 'groups': ''.join(g or '.' for g in groups), 'patient': patient.tolist(), 'labels': labels.tolist(),
            'probabilities': p.tolist(), 'draws': draws.tolist(), 'results': results}


def cases():
    patient = np.arange(90) % 30
    by_patient = np.array(['a', 'b', 'c'])[patient % 3]
    spanning = np.array(['a', 'b', 'a', '', 'b'])[np.arange(90) % 5]
    few = np.where(patient < 3, 'f', by_patient)
    return [case('three groups of patients', by_patient, patient, accuracy), case('two groups that patients span, some unknown', spanning, patient, auc),
            case('a group of three patients', few, patient, auc)]


def aggregated():
    keys = ['s2', 's1', 's2', 's3', 's1', 's2']
    raw = np.exp(rng.normal(size=(6, 3)))
    p = np.round(raw / raw.sum(1, keepdims=True), 4)
    p[:, 2] = np.round(1 - p[:, 0] - p[:, 1], 4)
    order = list(dict.fromkeys(keys))
    rules = {'mean': lambda x: x.mean(0), 'max': lambda x: x.max(0), 'noisy-or': lambda x: 1 - np.prod(1 - x, axis=0),
             'majority': None}
    out = {}
    for rule, of in rules.items():
        for exclusive in (True, False):
            rows = []
            for key in order:
                x = p[[i for i, k in enumerate(keys) if k == key]]
                if rule == 'majority':
                    row = (np.eye(3)[x.argmax(1)] if exclusive else x >= 0.5).mean(0)
                else:
                    row = of(x)
                rows.append((row / row.sum() if exclusive else row).tolist())
            out[f"{rule} {'exclusive' if exclusive else 'findings'}"] = rows
    return {'keys': keys, 'order': order, 'probabilities': p.tolist(), 'expected': out}


json.dump({'cases': cases(), 'aggregated': aggregated()}, sys.stdout)
