#!/usr/bin/env bash
# PyTorch's fused Adam, AdamW, Adagrad and SGD for CPUs give a weight the gradient of another weight when a gradient's
# memory layout is not its parameter's, as gradients of convolutions are under channels_last.
#
# Guess: fused=True takes the same step as fused=False, or refuses such a gradient.
# What happens: the fused kernels walk parameter, gradient and moments by memory. torch.autograd.grad returns a
#   channels_last gradient for a contiguous filter when the images are channels_last; half of the filter's numbers then
#   move in the wrong direction, without a message. loss.backward() copies into the parameter's layout, so it is safe.
# Versions: torch 2.15.0 (2.13.0 likewise)
# Why it matters: training loops that compute gradients by torch.autograd.grad (several losses, meta-learning, gradient
#   surgery) and turn on fused=True for its speed train something else, and still converge a little.
# Downloads 4 GB: PyTorch's wheel does not load without its CUDA packages.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --no-cache-dir --disable-pip-version-check torch==2.15.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import copy
import sys
import torch

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("torch", torch.__version__)
torch.manual_seed(0)
net = torch.nn.Conv2d(4, 4, 3, padding=1)
images = torch.randn(2, 4, 8, 8).to(memory_format=torch.channels_last)
wanted = torch.randn(2, 4, 8, 8)

def stepped(optimizer, by_backward, **how):
    own = copy.deepcopy(net)
    steps = optimizer(own.parameters(), lr=0.1, **how)
    loss = torch.nn.functional.mse_loss(own(images), wanted)
    if by_backward:
        loss.backward()
    else:
        for parameter, gradient in zip(own.parameters(), torch.autograd.grad(loss, list(own.parameters()))):
            parameter.grad = gradient
    layout = own.weight.grad.is_contiguous()
    steps.step()
    return own.weight.detach(), layout

for optimizer in (torch.optim.Adam, torch.optim.AdamW, torch.optim.Adagrad, torch.optim.SGD):
    plain, layout = stepped(optimizer, False, foreach=False)
    together, _ = stepped(optimizer, False, foreach=True)
    fused, _ = stepped(optimizer, False, fused=True)
    safe, safe_layout = stepped(optimizer, True, fused=True)
    name = optimizer.__name__
    show(f"{name}: the gradient's layout is the parameter's, by autograd.grad and by backward", "either", (layout, safe_layout),
         not layout and safe_layout)
    moved = (plain - net.weight).abs().max().item()
    off = (plain - fused).abs().max().item()
    show(f"{name}: largest difference of fused=True to fused=False, over the largest step", 0, round(off / moved, 2),
         off > 0.5 * moved)
    show(f"{name}: the same with foreach=True", 0, round((plain - together).abs().max().item() / moved, 2),
         torch.allclose(plain, together))
    show(f"{name}: the same with fused=True after backward", 0, round((plain - safe).abs().max().item() / moved, 2),
         torch.allclose(plain, safe, atol=1e-6))
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
