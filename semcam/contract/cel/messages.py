"""Protocol buffer messages from plain descriptions: CEL's types are such messages."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    int: _FIELD.TYPE_INT64,
    float: _FIELD.TYPE_DOUBLE,
    str: _FIELD.TYPE_STRING,
    bytes: _FIELD.TYPE_BYTES,
}

Kind = type[int] | type[float] | type[str] | type[bytes] | str
"""A scalar, or the name of another message of the same package."""
Field = tuple[int, Kind, bool]
"""Number, kind, and whether there are many."""


def message_classes(package: str, messages: Mapping[str, Mapping[str, Field]]) -> tuple[Any, dict[str, Any]]:
    """The pool that knows the messages, and the class of each."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, many) in fields.items():
            entry = message.field.add(
                name=field, number=number, label=_FIELD.LABEL_REPEATED if many else _FIELD.LABEL_OPTIONAL
            )
            if isinstance(kind, str):
                entry.type, entry.type_name = _FIELD.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                entry.type = _SCALARS[kind]
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    classes = {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages
    }
    return pool, classes
