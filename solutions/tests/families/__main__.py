"""How much is compared with torch: `python -m solutions.tests.families`."""

from collections import Counter
from dataclasses import replace

from solutions.tests.families import MODULES

cases = Counter(module.name for module in MODULES)
built = {str(replace(module, shapes=())): module.name for module in MODULES}
combinations = Counter(built.values())
for name, number in sorted(cases.items()):
    print(f"{name:24}{combinations[name]:4} combinations of options,{number:4} cases")
print(
    f"{len(cases)} classes, {len(built)} combinations of options, {len(MODULES)} cases"
    ": outputs, all gradients and state beside torch's, in float64 and in float32"
)
