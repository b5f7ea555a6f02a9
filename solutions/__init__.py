"""The reference layers of the course, in NumPy, with torch's names and conventions."""

from solutions.activations import ReLU as ReLU
from solutions.activations import relu_backward as relu_backward
from solutions.activations import relu_forward as relu_forward
from solutions.gradients import numerical_vjp as numerical_vjp
from solutions.layer import Layer as Layer
from solutions.layer import Sequential as Sequential
from solutions.linear import Linear as Linear
from solutions.linear import linear_backward as linear_backward
from solutions.linear import linear_forward as linear_forward
from solutions.losses import CrossEntropyLoss as CrossEntropyLoss
from solutions.losses import MSELoss as MSELoss
from solutions.losses import cross_entropy_backward as cross_entropy_backward
from solutions.losses import cross_entropy_forward as cross_entropy_forward
from solutions.losses import mse_loss_backward as mse_loss_backward
from solutions.losses import mse_loss_forward as mse_loss_forward
from solutions.optim import SGD as SGD
from solutions.shape import Flatten as Flatten
from solutions.shape import Identity as Identity
from solutions.shape import flatten_backward as flatten_backward
from solutions.shape import flatten_forward as flatten_forward
