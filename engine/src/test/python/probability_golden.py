"""Prints the expected values of ProbabilityMeasuresTest, PairedAnswersTest and IntervalTest.

Needs the packages scikit-learn, scipy and numpy (written with 1.9.1, 1.17.1 and 2.4.6). Five hundred
images of five classes; class 4 never occurs. Scores and labels follow from indices alone.
"""

import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

warnings.filterwarnings("ignore")
CLASSES, IMAGES, BINS = 5, 500, 15

labels = np.array([(i * 7 + i // 11) % 4 for i in range(IMAGES)])
scores = np.array(
    [
        [(i * 37 + c * 11 + i * c * 3) % 64 / 16.0 + (1.5 if c == labels[i] else 0) for c in range(CLASSES)]
        for i in range(IMAGES)
    ]
)
exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
p = exponentials / exponentials.sum(axis=1, keepdims=True)
one_hot = np.eye(CLASSES)[labels]

print("log loss", repr(float(log_loss(labels, p, labels=range(CLASSES)))))
print("brier", repr(float(brier_score_loss(labels, p, labels=range(CLASSES), scale_by_half=False))))
for c in range(4):
    print(
        f"class {c}",
        repr(float(roc_auc_score(one_hot[:, c], p[:, c]))),
        repr(float(average_precision_score(one_hot[:, c], p[:, c]))),
    )

confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
accuracies, confidences = calibration_curve(right, confidence, n_bins=BINS)
counts = np.histogram(confidence, BINS, (0, 1))[0]
print("bins", counts.tolist())
print("accuracies", accuracies.tolist())
print("confidences", confidences.tolist())
error = (counts[counts > 0] * abs(accuracies - confidences)).sum() / IMAGES
print("calibration error", repr(float(error)))

for first, second in ((10, 25), (3, 3), (0, 7), (0, 0), (1200, 1100), (40000, 41000)):
    n = first + second
    print("mcnemar", first, second, repr(float(binomtest(min(first, second), n).pvalue)) if n else 1.0)
for part, whole in ((71, 100), (0, 20), (20, 20), (7136, 10000)):
    interval = binomtest(part, whole).proportion_ci(0.95, "wilson")
    print("wilson", part, whole, repr(float(interval.low)), repr(float(interval.high)))
