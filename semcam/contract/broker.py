"""The MQTT broker, as the configuration names it. Secrets stand in files of their own, never in the configuration."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from semcam.contract.base import Frozen

FilePath = Annotated[str, Field(min_length=1, max_length=1024)]


class Tls(Frozen):
    """How the connection is kept private."""

    ca: FilePath | None = Field(
        default=None, description="the CA that signed the broker's certificate; default: public CAs"
    )
    certificate: FilePath | None = Field(
        default=None, description="this camera's own certificate, where brokers ask for one"
    )
    key: FilePath | None = Field(default=None, description="and its key")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together; give both or neither")
        return self


class Broker(Frozen):
    """Where events go."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = Field(description="name or address of the broker")
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(default=None, description="default: 1883, with TLS 8883")
    user: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        default=None, description="as the broker knows this camera"
    )
    password_file: FilePath | None = Field(
        default=None, description="a file that holds the password, or the name of a systemd credential"
    )
    tls: Tls | bool = Field(
        default=False, description="true for a broker with a publicly signed certificate, or keys below"
    )
    protocol: Literal["5", "3.1.1"] = Field(default="5", description="3.1.1 only for brokers that cannot do 5")

    @model_validator(mode="after")
    def _password_has_a_user(self) -> Self:
        if self.password_file is not None and self.user is None:
            raise ValueError("has a password_file but no user; add user:")
        return self

    @property
    def where(self) -> str:
        """As a person would write it."""
        return f"{self.host}:{self.port or (8883 if self.tls else 1883)}"

    @property
    def port_number(self) -> int:
        """The port that is dialled."""
        return self.port or (8883 if self.tls else 1883)
