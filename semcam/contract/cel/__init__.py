"""CEL for `when` rules. It loads a library of 14 MB, so only `contract.expression` imports it, when it must."""
