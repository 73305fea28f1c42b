"""The composition root: settings in, use cases with their adapters out.

Nothing else knows which adapters there are. The parts are modules of their own because the Azure
libraries cost a start what a command on files does not need.
"""
