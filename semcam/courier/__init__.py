"""Text only: alarms, wording, delivery. This side of the wall never loads cv2, numpy or onnxruntime."""
