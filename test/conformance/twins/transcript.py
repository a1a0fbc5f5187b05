def retrace(inputs): raise NotImplementedError
