"""Operating points and decision curves, from scikit-learn and dcurves. Run: python make_thresholds.py > thresholds.json, and npm run format"""
import json
import sys

import numpy as np
import pandas as pd
import sklearn
from dcurves import dca
from sklearn.metrics import roc_curve

rng = np.random.default_rng(13)
THRESHOLDS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.8]


def point(t, fpr, tpr, at):
    return {'threshold': None if np.isinf(t[at]) else float(t[at]), 'sensitivity': float(tpr[at]), 'specificity': float(1 - fpr[at])}


def net_benefit(positive, p, prevalence):
    table = dca(data=pd.DataFrame({'positive': positive.astype(int), 'model': p}), outcome='positive', modelnames=['model'], thresholds=THRESHOLDS,
                prevalence=prevalence)
    return {name: table[table.model == key].sort_values('threshold').net_benefit.tolist() for name, key in
            (('model', 'model'), ('treatAll', 'all'), ('treatNone', 'none'))}


def case(name, positive, p):
    positive, p = np.asarray(positive, bool), np.asarray(p, float)
    fpr, tpr, t = roc_curve(positive, p, drop_intermediate=False)
    cost = lambda prevalence, fn, fp: prevalence * (1 - tpr) * fn + (1 - prevalence) * fpr * fp
    share = positive.mean()
    at_specificity = [i for i in range(len(t)) if 1 - fpr[i] >= 0.8]
    first_best = lambda values: int(np.flatnonzero(values >= values.max() - 1e-12)[0])
    predictive = []
    for i in (1, len(t) // 2):
        for prevalence in (0.02, 0.3):
            se, sp = tpr[i], 1 - fpr[i]
            predictive.append({'sensitivity': float(se), 'specificity': float(sp), 'prevalence': prevalence,
                               'positive': float(se * prevalence / (se * prevalence + (1 - sp) * (1 - prevalence))),
                               'negative': float(sp * (1 - prevalence) / (sp * (1 - prevalence) + (1 - se) * prevalence))})
    return {
        'name': name, 'positive': positive.tolist(), 'probabilities': p.tolist(),
        'points': [point(t, fpr, tpr, i) for i in range(len(t))],
        'youden': point(t, fpr, tpr, first_best(tpr - fpr)),
        'sensitivity': point(t, fpr, tpr, int(np.flatnonzero(tpr >= 0.9)[0])),
        'specificity': point(t, fpr, tpr, at_specificity[first_best(tpr[at_specificity])]),
        'cheapest': point(t, fpr, tpr, first_best(-cost(share, 5, 1))),
        'cheapestElsewhere': point(t, fpr, tpr, first_best(-cost(0.05, 10, 1))),
        'leastCost': float(cost(0.05, 10, 1).min()),
        'predictive': predictive,
        'netBenefit': net_benefit(positive, p, None), 'netBenefitElsewhere': net_benefit(positive, p, 0.1),
    }


positive = rng.random(50) < 0.35
p = 1 / (1 + np.exp(-(rng.normal(size=50) + 1.5 * positive - 1)))
cases = [case('fifty cases', positive, p), case('ties', positive, np.round(p, 1)), case('one of each', [True, False], [0.3, 0.6])]
json.dump({'scikit-learn': sklearn.__version__, 'thresholds': THRESHOLDS, 'cases': cases}, sys.stdout)
