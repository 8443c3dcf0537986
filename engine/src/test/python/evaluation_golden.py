"""Prints the expected values of EvaluationTest, computed by scikit-learn.

Needs the packages scikit-learn and numpy. Sixty images of seven classes; class 5 is never predicted
and class 6 never occurs, so that both divisions by zero are there.
"""

import warnings

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)

warnings.filterwarnings("ignore")
CLASSES = 7
IMAGES = 60

labels = np.array([(i * 5 + i // 7) % 6 for i in range(IMAGES)])
outputs = np.array(
    [
        [
            (i * 37 + c * 11 + i * c * 3) % 64 + c / 64.0 + (20 if c == labels[i] else 0)
            for c in range(CLASSES)
        ]
        for i in range(IMAGES)
    ]
)
outputs[:, 5] = -np.arange(IMAGES) - 1.0

predicted = outputs.argmax(axis=1)
print("labels", np.bincount(labels, minlength=CLASSES), "predicted", np.bincount(predicted, minlength=CLASSES))
print("confusion", confusion_matrix(labels, predicted, labels=range(CLASSES)).tolist())
print("accuracy", repr(float(accuracy_score(labels, predicted))))
print("top5", repr(float(top_k_accuracy_score(labels, outputs, k=5, labels=range(CLASSES)))))
precision, recall, f1, _ = precision_recall_fscore_support(
    labels, predicted, labels=range(CLASSES), zero_division=0
)
for name, values in ("precision", precision), ("recall", recall), ("f1", f1):
    print(name, ", ".join(repr(float(v)) for v in values))
for average in "macro", "weighted":
    values = precision_recall_fscore_support(labels, predicted, average=average, zero_division=0)
    print(average, ", ".join(repr(float(v)) for v in values[:3]))
for k in 1, 2, 3:
    print(f"top{k}", repr(float(top_k_accuracy_score(labels, outputs, k=k, labels=range(CLASSES)))))
