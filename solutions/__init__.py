"""The reference layers of the course, in NumPy, with torch's names and conventions."""

from solutions import init as init
from solutions.activations import Hardtanh as Hardtanh
from solutions.activations import LeakyReLU as LeakyReLU
from solutions.activations import PReLU as PReLU
from solutions.activations import ReLU as ReLU
from solutions.activations import hardtanh_backward as hardtanh_backward
from solutions.activations import hardtanh_forward as hardtanh_forward
from solutions.activations import leaky_relu_backward as leaky_relu_backward
from solutions.activations import leaky_relu_forward as leaky_relu_forward
from solutions.activations import prelu_backward as prelu_backward
from solutions.activations import prelu_forward as prelu_forward
from solutions.activations import relu_backward as relu_backward
from solutions.activations import relu_forward as relu_forward
from solutions.additive_attention import AdditiveAttention as AdditiveAttention
from solutions.additive_attention import (
    additive_attention_backward as additive_attention_backward,
)
from solutions.additive_attention import (
    additive_attention_forward as additive_attention_forward,
)
from solutions.attention import (
    scaled_dot_product_attention_backward as scaled_dot_product_attention_backward,
)
from solutions.attention import (
    scaled_dot_product_attention_forward as scaled_dot_product_attention_forward,
)
from solutions.batch_norm import BatchNorm1d as BatchNorm1d
from solutions.batch_norm import BatchNorm2d as BatchNorm2d
from solutions.batch_norm import BatchNorm3d as BatchNorm3d
from solutions.batch_norm import batch_norm_backward as batch_norm_backward
from solutions.batch_norm import batch_norm_forward as batch_norm_forward
from solutions.batch_renorm import BatchRenorm as BatchRenorm
from solutions.batch_renorm import batch_renorm_backward as batch_renorm_backward
from solutions.batch_renorm import batch_renorm_forward as batch_renorm_forward
from solutions.binary import BCELoss as BCELoss
from solutions.binary import BCEWithLogitsLoss as BCEWithLogitsLoss
from solutions.binary import bce_loss_backward as bce_loss_backward
from solutions.binary import bce_loss_forward as bce_loss_forward
from solutions.binary import (
    bce_with_logits_loss_backward as bce_with_logits_loss_backward,
)
from solutions.binary import (
    bce_with_logits_loss_forward as bce_with_logits_loss_forward,
)
from solutions.clip import adaptive_clip_grad_ as adaptive_clip_grad_
from solutions.clip import clip_grad_norm_ as clip_grad_norm_
from solutions.clip import clip_grad_value_ as clip_grad_value_
from solutions.conv import Conv1d as Conv1d
from solutions.conv import Conv2d as Conv2d
from solutions.conv import Conv3d as Conv3d
from solutions.conv import conv_backward as conv_backward
from solutions.conv import conv_forward as conv_forward
from solutions.conv_transpose import ConvTranspose1d as ConvTranspose1d
from solutions.conv_transpose import ConvTranspose2d as ConvTranspose2d
from solutions.conv_transpose import ConvTranspose3d as ConvTranspose3d
from solutions.conv_transpose import conv_transpose_backward as conv_transpose_backward
from solutions.conv_transpose import conv_transpose_forward as conv_transpose_forward
from solutions.cross_entropy import CrossEntropyLoss as CrossEntropyLoss
from solutions.cross_entropy import cross_entropy_backward as cross_entropy_backward
from solutions.cross_entropy import cross_entropy_forward as cross_entropy_forward
from solutions.divergence import KLDivLoss as KLDivLoss
from solutions.divergence import kl_div_backward as kl_div_backward
from solutions.divergence import kl_div_forward as kl_div_forward
from solutions.dropout import Dropout as Dropout
from solutions.dropout import Dropout1d as Dropout1d
from solutions.dropout import Dropout2d as Dropout2d
from solutions.dropout import Dropout3d as Dropout3d
from solutions.dropout import dropout_backward as dropout_backward
from solutions.dropout import dropout_forward as dropout_forward
from solutions.elu import ELU as ELU
from solutions.elu import SELU as SELU
from solutions.elu import elu_backward as elu_backward
from solutions.elu import elu_forward as elu_forward
from solutions.elu import selu_backward as selu_backward
from solutions.elu import selu_forward as selu_forward
from solutions.embedding import Embedding as Embedding
from solutions.embedding import embedding_backward as embedding_backward
from solutions.embedding import embedding_forward as embedding_forward
from solutions.embedding_bag import EmbeddingBag as EmbeddingBag
from solutions.embedding_bag import embedding_bag_backward as embedding_bag_backward
from solutions.embedding_bag import embedding_bag_forward as embedding_bag_forward
from solutions.frn import FilterResponseNorm as FilterResponseNorm
from solutions.frn import frn_backward as frn_backward
from solutions.frn import frn_forward as frn_forward
from solutions.fused import fuse_conv_bn_eval as fuse_conv_bn_eval
from solutions.fused import fuse_conv_bn_weights as fuse_conv_bn_weights
from solutions.fused import fuse_linear_bn_eval as fuse_linear_bn_eval
from solutions.fused import fuse_linear_bn_weights as fuse_linear_bn_weights
from solutions.gelu import GELU as GELU
from solutions.gelu import gelu_backward as gelu_backward
from solutions.gelu import gelu_forward as gelu_forward
from solutions.gradients import numerical_vjp as numerical_vjp
from solutions.group_norm import GroupNorm as GroupNorm
from solutions.group_norm import InstanceNorm1d as InstanceNorm1d
from solutions.group_norm import InstanceNorm2d as InstanceNorm2d
from solutions.group_norm import InstanceNorm3d as InstanceNorm3d
from solutions.group_norm import group_norm_backward as group_norm_backward
from solutions.group_norm import group_norm_forward as group_norm_forward
from solutions.group_norm import instance_norm_backward as instance_norm_backward
from solutions.group_norm import instance_norm_forward as instance_norm_forward
from solutions.gru import GRU as GRU
from solutions.gru import GRUCell as GRUCell
from solutions.gru import gru_backward as gru_backward
from solutions.gru import gru_forward as gru_forward
from solutions.huber import HuberLoss as HuberLoss
from solutions.huber import SmoothL1Loss as SmoothL1Loss
from solutions.huber import huber_loss_backward as huber_loss_backward
from solutions.huber import huber_loss_forward as huber_loss_forward
from solutions.huber import smooth_l1_loss_backward as smooth_l1_loss_backward
from solutions.huber import smooth_l1_loss_forward as smooth_l1_loss_forward
from solutions.layer import Layer as Layer
from solutions.layer import Sequential as Sequential
from solutions.layer_norm import LayerNorm as LayerNorm
from solutions.layer_norm import RMSNorm as RMSNorm
from solutions.layer_norm import layer_norm_backward as layer_norm_backward
from solutions.layer_norm import layer_norm_forward as layer_norm_forward
from solutions.layer_norm import rms_norm_backward as rms_norm_backward
from solutions.layer_norm import rms_norm_forward as rms_norm_forward
from solutions.linear import Linear as Linear
from solutions.linear import linear_backward as linear_backward
from solutions.linear import linear_forward as linear_forward
from solutions.losses import L1Loss as L1Loss
from solutions.losses import MSELoss as MSELoss
from solutions.losses import l1_loss_backward as l1_loss_backward
from solutions.losses import l1_loss_forward as l1_loss_forward
from solutions.losses import mse_loss_backward as mse_loss_backward
from solutions.losses import mse_loss_forward as mse_loss_forward
from solutions.lstm import LSTM as LSTM
from solutions.lstm import LSTMCell as LSTMCell
from solutions.lstm import lstm_backward as lstm_backward
from solutions.lstm import lstm_forward as lstm_forward
from solutions.multihead import MultiheadAttention as MultiheadAttention
from solutions.nll import NLLLoss as NLLLoss
from solutions.nll import nll_loss_backward as nll_loss_backward
from solutions.nll import nll_loss_forward as nll_loss_forward
from solutions.optim import SGD as SGD
from solutions.optim import Adam as Adam
from solutions.optim import AdamW as AdamW
from solutions.optim import Optimizer as Optimizer
from solutions.padding import pad_backward as pad_backward
from solutions.padding import pad_forward as pad_forward
from solutions.pool_adaptive_avg import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from solutions.pool_adaptive_avg import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from solutions.pool_adaptive_avg import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from solutions.pool_adaptive_avg import (
    adaptive_avg_pool_backward as adaptive_avg_pool_backward,
)
from solutions.pool_adaptive_avg import (
    adaptive_avg_pool_forward as adaptive_avg_pool_forward,
)
from solutions.pool_adaptive_max import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from solutions.pool_adaptive_max import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from solutions.pool_adaptive_max import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from solutions.pool_adaptive_max import (
    adaptive_max_pool_backward as adaptive_max_pool_backward,
)
from solutions.pool_adaptive_max import (
    adaptive_max_pool_forward as adaptive_max_pool_forward,
)
from solutions.pool_avg import AvgPool1d as AvgPool1d
from solutions.pool_avg import AvgPool2d as AvgPool2d
from solutions.pool_avg import AvgPool3d as AvgPool3d
from solutions.pool_avg import avg_pool_backward as avg_pool_backward
from solutions.pool_avg import avg_pool_forward as avg_pool_forward
from solutions.pool_lp import LPPool1d as LPPool1d
from solutions.pool_lp import LPPool2d as LPPool2d
from solutions.pool_lp import LPPool3d as LPPool3d
from solutions.pool_lp import lp_pool_backward as lp_pool_backward
from solutions.pool_lp import lp_pool_forward as lp_pool_forward
from solutions.pool_max import MaxPool1d as MaxPool1d
from solutions.pool_max import MaxPool2d as MaxPool2d
from solutions.pool_max import MaxPool3d as MaxPool3d
from solutions.pool_max import MinPool1d as MinPool1d
from solutions.pool_max import MinPool2d as MinPool2d
from solutions.pool_max import MinPool3d as MinPool3d
from solutions.pool_max import max_pool_backward as max_pool_backward
from solutions.pool_max import max_pool_forward as max_pool_forward
from solutions.positions import rotary_backward as rotary_backward
from solutions.positions import rotary_forward as rotary_forward
from solutions.positions import sinusoidal_positions as sinusoidal_positions
from solutions.rnn import RNN as RNN
from solutions.rnn import RNNCell as RNNCell
from solutions.rnn import rnn_backward as rnn_backward
from solutions.rnn import rnn_forward as rnn_forward
from solutions.shape import Flatten as Flatten
from solutions.shape import Identity as Identity
from solutions.shape import flatten_backward as flatten_backward
from solutions.shape import flatten_forward as flatten_forward
from solutions.sigmoid import Sigmoid as Sigmoid
from solutions.sigmoid import SiLU as SiLU
from solutions.sigmoid import Softplus as Softplus
from solutions.sigmoid import Tanh as Tanh
from solutions.sigmoid import sigmoid_backward as sigmoid_backward
from solutions.sigmoid import sigmoid_forward as sigmoid_forward
from solutions.sigmoid import silu_backward as silu_backward
from solutions.sigmoid import silu_forward as silu_forward
from solutions.sigmoid import softplus_backward as softplus_backward
from solutions.sigmoid import softplus_forward as softplus_forward
from solutions.sigmoid import tanh_backward as tanh_backward
from solutions.sigmoid import tanh_forward as tanh_forward
from solutions.soft_nll import soft_nll_backward as soft_nll_backward
from solutions.soft_nll import soft_nll_forward as soft_nll_forward
from solutions.softmax import LogSoftmax as LogSoftmax
from solutions.softmax import Softmax as Softmax
from solutions.softmax import log_softmax_backward as log_softmax_backward
from solutions.softmax import log_softmax_forward as log_softmax_forward
from solutions.softmax import softmax_backward as softmax_backward
from solutions.softmax import softmax_forward as softmax_forward
from solutions.tlu import TLU as TLU
from solutions.tlu import tlu_backward as tlu_backward
from solutions.tlu import tlu_forward as tlu_forward
from solutions.transformer import TransformerDecoderLayer as TransformerDecoderLayer
from solutions.transformer import TransformerEncoder as TransformerEncoder
from solutions.transformer import TransformerEncoderLayer as TransformerEncoderLayer
from solutions.unfold import Fold as Fold
from solutions.unfold import Unfold as Unfold
from solutions.unfold import fold_backward as fold_backward
from solutions.unfold import fold_forward as fold_forward
from solutions.unfold import unfold_backward as unfold_backward
from solutions.unfold import unfold_forward as unfold_forward
from solutions.weight_standardization import ScaledWSConv1d as ScaledWSConv1d
from solutions.weight_standardization import ScaledWSConv2d as ScaledWSConv2d
from solutions.weight_standardization import ScaledWSConv3d as ScaledWSConv3d
from solutions.weight_standardization import WSConv1d as WSConv1d
from solutions.weight_standardization import WSConv2d as WSConv2d
from solutions.weight_standardization import WSConv3d as WSConv3d
from solutions.weight_standardization import (
    weight_standardization_backward as weight_standardization_backward,
)
from solutions.weight_standardization import (
    weight_standardization_forward as weight_standardization_forward,
)
