"""How a new object of each kind looks: complete, as the ``stripe`` package's types demand."""
