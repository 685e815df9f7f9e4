"""Intervals and tests, from scipy and statsmodels, and in numpy from the formulas. Run: python make_inference.py > inference.json, and npm run format"""
import json
import sys

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(11)


def kernel(x, y):
    return (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])


def obuchowski(models, positive, patient):
    """Obuchowski 1997, all pairs compared one by one; with a patient for each case it is DeLong 1988."""
    positive = np.asarray(positive, bool)
    patient = np.asarray(patient)
    px, py = patient[positive], patient[~positive]
    m, n = len(px), len(py)
    ids = np.unique(patient)
    aucs, xs, ys = [], [], []
    for scores in models:
        psi = kernel(np.asarray(scores)[positive], np.asarray(scores)[~positive])
        auc = psi.mean()
        aucs.append(auc)
        xs.append([(psi.mean(1)[px == i] - auc).sum() for i in ids])
        ys.append([(psi.mean(0)[py == i] - auc).sum() for i in ids])
    xs, ys = np.array(xs), np.array(ys)
    a, b, i = len(np.unique(px)), len(np.unique(py)), len(ids)
    s10, s01 = a / ((a - 1) * m) * xs @ xs.T, b / ((b - 1) * n) * ys @ ys.T
    s11 = i / (i - 1) * xs @ ys.T
    return np.array(aucs), s10 / m + s01 / n + (s11 + s11.T) / (m * n)


def delong(models, positive):
    """DeLong 1988 as it was printed: covariances of placement values."""
    positive = np.asarray(positive, bool)
    psis = [kernel(np.asarray(s)[positive], np.asarray(s)[~positive]) for s in models]
    v10, v01 = np.array([p.mean(1) for p in psis]), np.array([p.mean(0) for p in psis])
    return np.array([p.mean() for p in psis]), np.cov(v10) / v10.shape[1] + np.cov(v01) / v01.shape[1]


def area(name, models, positive, patient=None):
    aucs, cov = delong(models, positive) if patient is None else obuchowski(models, positive, patient)
    if patient is None:  # the two agree where each case is a patient
        again = obuchowski(models, positive, np.arange(len(positive)))
        assert np.allclose(aucs, again[0]) and np.allclose(cov, again[1])
    difference, variance = aucs[0] - aucs[1], cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]
    z = difference / np.sqrt(variance) if variance > 1e-15 else 0.0
    width = stats.norm.ppf(0.975) * np.sqrt(cov[0, 0])
    logit, on = np.log(aucs[0] / (1 - aucs[0])), width / (aucs[0] * (1 - aucs[0]))
    return {
        'name': name, 'models': [np.asarray(s).tolist() for s in models], 'positive': [bool(v) for v in positive],
        'patient': None if patient is None else np.asarray(patient).tolist(),
        'aucs': aucs.tolist(), 'covariance': cov.tolist(), 'z': float(z), 'pValue': float(2 * stats.norm.sf(abs(z))),
        'logit': [float(1 / (1 + np.exp(on - logit))), float(1 / (1 + np.exp(-on - logit)))],
        'plain': [float(max(0, aucs[0] - width)), float(min(1, aucs[0] + width))],
    }


def areas():
    n = 60
    positive = rng.random(n) < 0.4
    first = np.round(positive + rng.normal(size=n), 3)
    second = np.round(0.5 * positive + 0.5 * first + rng.normal(size=n), 3)
    out = [area('sixty cases', [first, second], positive),
           area('ties', [np.round(first), np.round(second)], positive),
           area('tiny', [[0.1, 0.4, 0.35, 0.8], [0.2, 0.1, 0.3, 0.4]], [False, False, True, True]),
           area('two alike', [first, first], positive)]
    patient = np.arange(n) // 3
    out.append(area('patients with three images', [first, second], positive, patient))
    out.append(area('patients all of one kind', [first, second], (np.arange(n) // 3) % 2 == 0, patient))
    return out


def proportions():
    pairs = [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (81, 263), (997, 1000), (5000, 10000)]
    return [{'successes': k, 'total': n, 'level': level,
             'wilson': [float(v) for v in proportion_confint(k, n, 1 - level, 'wilson')],
             'clopperPearson': [float(v) for v in proportion_confint(k, n, 1 - level, 'beta')]}
            for k, n in pairs for level in (0.95, 0.99)]


def mcnemars():
    def mid(b, c):
        n = b + c
        if n == 0:
            return 1.0
        f = stats.binom.pmf(min(b, c), n, 0.5)
        return 1 - f / 2 if b == c else 2 * stats.binom.cdf(min(b, c), n, 0.5) - f
    # The last is the example of Fagerland, Lydersen and Laake (2013), whose mid-p is printed as 0.0391.
    return [{'onlyFirst': b, 'onlySecond': c, 'exact': float(mcnemar([[5, b], [c, 5]], exact=True).pvalue) if b + c else 1.0, 'midP': float(mid(b, c))}
            for b, c in [(0, 0), (1, 0), (4, 4), (2, 9), (30, 55), (400, 460), (1, 7)]]


def adjusted():
    lists = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.9, 0.9, 0.2], [0.02, 0.02, 0.02, 0.6, 0.001, 0.049], []]
    return [{'pValues': p, 'holm': multipletests(p, method='holm')[1].tolist() if p else [],
             'benjaminiHochberg': multipletests(p, method='fdr_bh')[1].tolist() if p else []} for p in lists]


def permutations():
    out = []
    for images, patients, values in ((12, 6, 'right'), (30, 10, 'right'), (25, 9, 'loss'), (6, 6, 'none')):
        patient = np.arange(images) % patients
        d = {'right': rng.integers(-1, 2, images), 'loss': np.round(rng.normal(0.4, 1, images), 3), 'none': np.zeros(images, int)}[values]
        sums = np.bincount(patient, weights=d)
        # Exchanging two models within a patient turns the sign of its difference.
        result = stats.permutation_test((sums, np.zeros(patients)), lambda a, b, axis: (a - b).sum(axis=axis), vectorized=True,
                                        permutation_type='samples', n_resamples=np.inf)
        out.append({'differences': d.tolist(), 'patient': patient.tolist(), 'difference': float(d.mean()), 'pValue': float(result.pvalue)})
    return out


def distributions():
    x = [-38.0, -8.3, -3.0, -2.0, -1.2, 0.0, 0.7, 1.99, 2.01, 6.0]
    p = [1e-300, 1e-9, 0.001, 0.025, 0.3, 0.5, 0.6, 0.975, 1 - 1e-9]
    beta = [(0.3, 0.5, 0.5), (0.01, 2, 30), (0.7, 500, 300), (0.52, 5000, 5001), (0.999, 30, 1)]
    quantile = [(0.025, 1, 10), (0.975, 3, 8), (0.5, 500, 300), (0.001, 0.5, 0.5)]
    return {
        'normalCdf': [[v, float(stats.norm.cdf(v))] for v in x], 'normalQuantile': [[v, float(stats.norm.ppf(v))] for v in p],
        'betaCdf': [[list(v), float(stats.beta.cdf(*v))] for v in beta],
        'betaQuantile': [[list(v), float(stats.beta.ppf(*v))] for v in quantile],
        'logGamma': [[v, float(scipy.special.gammaln(v))] for v in (0.1, 0.5, 1, 2, 7.3, 170.5, 20000)],
        'twoSidedT': [[[level, df], float(stats.t.ppf((1 + level) / 2, df))] for level in (0.5, 0.95, 0.999) for df in (1, 3, 40)],
        'binomialCdf': [[[k, n, q], float(stats.binom.cdf(k, n, q))] for k, n, q in ((0, 5, 0.5), (3, 11, 0.5), (430, 860, 0.5), (5, 5, 0.2))],
    }


json.dump({'scipy': scipy.__version__, 'statsmodels': statsmodels.__version__, 'distributions': distributions(), 'areas': areas(),
           'proportions': proportions(), 'mcnemar': mcnemars(), 'adjusted': adjusted(), 'permutations': permutations()}, sys.stdout)
