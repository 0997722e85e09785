"""Reach: which addresses a connection of ours may be made to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
# Addresses that look public: protocol assignments, and one behind which a cloud provider answers machines.
_NOT_PUBLIC = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))
_TRANSLATED = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be connected to: public ones and those of the listed networks, or any but link-local ones.

    `ca_file` vouches for the servers there. Behind link-local addresses clouds tell machines their secrets.
    """

    networks: tuple[Network, ...] = ()
    anything: bool = False
    ca_file: str = ""

    def allows(self, address: str) -> bool:
        """Whether a connection to this address may be made."""
        meant = _meant(ip_address(address.partition("%")[0]))
        if any(meant in network for network in self.networks):
            return True
        if self.anything:
            return not meant.is_link_local
        public = meant.is_global and not meant.is_multicast and not meant.is_reserved
        return public and not any(meant in network for network in _NOT_PUBLIC)


ANYWHERE = Reach(anything=True)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
