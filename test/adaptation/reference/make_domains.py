"""Distances of domains, validators without labels, prevalences, the map and figures of images: scikit-learn and scipy, else numpy and torch from the printed
formulas. Run: python make_domains.py > domains.json, and npm run format"""
import json

import numpy as np
import torch
from scipy.signal import convolve2d
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import _t_sne
from sklearn.metrics import confusion_matrix
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(21)
D = 5


def lists(value, digits=None):
    value = np.asarray(value)
    return (value if digits is None else value.round(digits)).tolist()


def domain(count, shift, scale):
    return (rng.normal(size=(count, D)) @ np.diag(scale) + shift).astype(np.float32)


def classifier(source, target, l2=0.01):
    x = np.concatenate([source, target]).astype(np.float64)
    y = np.r_[np.zeros(len(source)), np.ones(len(target))]
    scaler = StandardScaler().fit(x)
    weights = np.r_[np.full(len(source), 1 / len(source)), np.full(len(target), 1 / len(target))]
    weights = weights / weights.sum()
    model = LogisticRegression(C=2 / l2, tol=1e-10, max_iter=10000).fit(scaler.transform(x), y, sample_weight=weights)
    return lambda rows: model.decision_function(scaler.transform(rows.astype(np.float64)))


def mmd(source, target):
    x = np.concatenate([source, target]).astype(np.float64)
    squared = pdist(x, 'sqeuclidean')
    k = np.mean([np.exp(-squareform(squared) / (2 * w * np.median(squared))) for w in (0.25, 0.5, 1, 2, 4)], axis=0)
    m, n = len(source), len(target)
    kxx, kyy, kxy = k[:m, :m], k[m:, m:], k[:m, m:]
    return (kxx.sum() - np.trace(kxx)) / (m * (m - 1)) + (kyy.sum() - np.trace(kyy)) / (n * (n - 1)) - 2 * kxy.mean()


distances = []
for name, shift, scale, m, n in [
    ('alike', 0, np.ones(D), 40, 31), ('shifted', np.array([1.0, 0.5, 0, 0, 0]), np.ones(D), 36, 44),
    ('apart', np.full(D, 4.0), np.ones(D), 24, 24), ('stretched', 0, np.array([3.0, 1, 1, 0.4, 1]), 50, 30),
]:
    s, t = domain(m, 0, np.ones(D)), domain(n, shift, scale)
    sides = [lists(rng.permutation(len(d)) % 2) for d in (s, t)]
    errors = []
    for learned in (0, 1):
        hs, ht = (np.array(side) == learned for side in sides)
        odds = classifier(s[hs], t[ht])
        errors.append(((odds(s[~hs]) > 0).mean() + (odds(t[~ht]) <= 0).mean()) / 2)
    cov = np.cov(s.T.astype(np.float64)) - np.cov(t.T.astype(np.float64))
    distances.append({
        'name': name, 'source': lists(s.astype(np.float64), 6), 'target': lists(t.astype(np.float64), 6), 'sides': sides,
        'proxyA': max(0, 2 * (1 - 2 * np.mean(errors))), 'mmd': mmd(s.round(6), t.round(6)), 'coral': (cov ** 2).sum() / (4 * D * D),
        'odds': lists(classifier(s, t)(s[:5])),
    })

validators = []
for name, spread, count, classes in [('sure', 6, 30, 3), ('unsure', 0.3, 25, 4), ('two', 2, 40, 2)]:
    p = torch.softmax(torch.tensor(rng.normal(size=(count, classes)) * spread), 1).numpy().round(6)
    p = p / p.sum(1, keepdims=True)
    q = torch.tensor(p)
    entropy = lambda v: -torch.where(v > 0, v * torch.log(torch.clamp(v, min=1e-300)), 0.0).sum(-1)
    similarity = torch.nn.functional.normalize(q) @ torch.nn.functional.normalize(q).T / 0.05
    similarity.fill_diagonal_(-torch.inf)
    w, loss = np.exp(rng.normal(size=count)), rng.integers(0, 2, count)
    cov = np.cov(w * loss, w, ddof=1)
    eta = -cov[0, 1] / cov[1, 1]
    validators.append({
        'name': name, 'probabilities': lists(p), 'entropy': entropy(q).mean().item(), 'information': (entropy(q.mean(0)) - entropy(q).mean()).item(),
        'density': entropy(torch.softmax(similarity, 1)).mean().item(), 'weights': lists(w), 'losses': lists(loss),
        'weighted': (w * loss).mean(), 'embedded': (w * loss).mean() + eta * w.mean() - eta, 'effective': w.sum() ** 2 / (w ** 2).sum(),
    })

shifts = []
for name, prior, there, noise in [('two', [0.5, 0.5], [0.9, 0.1], 0.8), ('missing', [0.4, 0.3, 0.3], [0.7, 0.3, 0.0], 0.7), ('same', [0.3, 0.3, 0.4], [0.3, 0.3, 0.4], 0.9)]:
    c = len(prior)
    draw = lambda shares, count: rng.choice(c, count, p=shares)
    say = lambda truth: np.where(rng.random(len(truth)) < noise, truth, rng.integers(0, c, len(truth)))
    truth, other = draw(prior, 120), draw(there, 150)
    answered, target = say(truth), say(other)
    joint = confusion_matrix(truth, answered, labels=range(c)).T / len(truth)
    mu = np.bincount(target, minlength=c) / len(target)
    estimate = np.maximum(0, np.linalg.solve(joint, mu)) * joint.sum(0)
    logits = rng.normal(size=(150, c)) + 2 * np.eye(c)[other] + np.log(prior)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = p.round(6) / p.round(6).sum(1, keepdims=True)
    q = np.array(prior)
    for _ in range(20000):  # Saerens 2002, equation 2.11
        r = p * q / prior
        r /= r.sum(1, keepdims=True)
        q = r.mean(0)
    shifts.append({'name': name, 'classes': c, 'answered': lists(answered), 'truth': lists(truth), 'target': lists(target),
                   'blackBox': lists(estimate / estimate.sum()), 'prior': prior, 'probabilities': lists(p), 'maximised': lists(q)})

points = np.concatenate([rng.normal(size=(20, D)), rng.normal(size=(20, D)) + 5]).round(6)
squared = squareform(pdist(points, 'sqeuclidean'))
joint = _t_sne._joint_probabilities(squared.astype(np.float32), 8, 0)
embedding = rng.normal(size=(40, 2)).round(6)
kl, gradient = _t_sne._kl_divergence(embedding.ravel(), joint, 1, 40, 2)
fitted = _t_sne.TSNE(perplexity=8, init='pca', method='exact', random_state=1, max_iter=750).fit(points)
plane = PCA(2).fit_transform(points)
plane = plane * np.sign(plane[np.abs(plane).argmax(0), [0, 1]])

images = []
for name, image in [('noise', rng.normal(0.5, 0.1, (32, 32))), ('smooth', np.add.outer(np.linspace(0, 0.5, 36), np.linspace(0, 0.5, 40))), ('walk', np.cumsum(np.cumsum(rng.normal(0, 0.01, (33, 33)), 0), 1))]:
    image = np.clip(image, 0, 1).round(4)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    answer = np.abs(convolve2d(image, mask, 'valid'))
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    keep = windows.max((2, 3)) != windows.min((2, 3))
    level, octaves = image, []
    while len(octaves) < 4 and min(level.shape) >= 16:
        h, w = level.shape[0] // 2, level.shape[1] // 2
        a, b, c, d = level[:2 * h:2, :2 * w:2], level[:2 * h:2, 1:2 * w:2], level[1:2 * h:2, :2 * w:2], level[1:2 * h:2, 1:2 * w:2]
        octaves.append(np.mean([((a - b + c - d) / 2) ** 2, ((a + b - c - d) / 2) ** 2, ((a - b - c + d) / 2) ** 2]))
        level = (a + b + c + d) / 2
    front = image[image >= 0.02]
    images.append({'name': name, 'height': image.shape[0], 'width': image.shape[1], 'values': lists(image.ravel()),
                   'noise': np.sqrt(np.pi / 2) / 6 * answer[keep].mean(), 'smoothness': np.polyfit(np.arange(len(octaves)), np.log2(octaves), 1)[0],
                   'brightness': front.mean(), 'contrast': front.std()})

a, b = rng.normal(0, 1, 12).round(4), rng.normal(1, 1.4, 17).round(4)
pooled = np.sqrt((11 * a.var(ddof=1) + 16 * b.var(ddof=1)) / 27)
g = (1 - 3 / (4 * 29 - 9)) * (b.mean() - a.mean()) / pooled
error = np.sqrt(29 / (12 * 17) + g ** 2 / (2 * 29))

print(json.dumps({
    'distances': distances, 'validators': validators, 'shifts': shifts, 'images': images,
    'map': {'points': lists(points), 'perplexity': 8, 'joint': lists(joint[:60]), 'embedding': lists(embedding), 'divergence': kl,
            'gradient': lists(gradient[:10]), 'reached': float(fitted.kl_divergence_), 'plane': lists(plane)},
    'effect': {'first': lists(a), 'second': lists(b), 'g': g, 'low': g - 2.497705 * error, 'high': g + 2.497705 * error},
}))
