"""Administration of devices, terminals and agreements at the doors: the same rules as on the command line."""

from __future__ import annotations

from collections.abc import Callable

from wireroom.app.office_gate import Gate
from wireroom.catalog.index import Catalogue
from wireroom.policy import Unfit, Unknown, directory
from wireroom.policy.agreement import Agreement
from wireroom.policy.devices import Certificate, Posture, Register, reason_of
from wireroom.policy.directory import Pool
from wireroom.policy.office import Act, scope
from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import Call
from wireroom.web.session import Refusal

Devices = tuple[shapes.DeviceShown, ...] | Refusal


class RegisterOffice:
    """What is of one's own agency; for DOJ, of any."""

    def __init__(
        self, gate: Gate, pool: Pool, register: Register, catalogue: Callable[[], Catalogue]
    ) -> None:
        self._gate, self._pool, self._register, self._catalogue = gate, pool, register, catalogue

    # ------------------------------------------------------------------ devices

    async def devices(self, call: Call, ori: str) -> Devices:
        """Every certificate of the agency's devices, with posture."""
        whose = scope(call.seat.role, call.seat.ori) or ori

        async def read() -> tuple[shapes.DeviceShown, ...]:
            return self._shown(await self._register.certificates(whose))

        return await self._gate.look(call, Act.DEVICES, {"of": whose}, read)

    async def posture(self, call: Call, given: shapes.PostureGiven) -> Devices:
        """What the agency says of a device from now on."""
        posture = Posture(encrypted=given.encrypted, managed=given.managed, located=given.located)
        told: dict[str, object] = {"serial": given.serial.lower(), "encrypted": given.encrypted,
                                   "managed": given.managed, "located": given.located}  # fmt: skip

        async def do() -> tuple[shapes.DeviceShown, ...]:
            whose = await self._register.scope_of(call.seat.person)
            return self._shown(await self._register.set_posture(given.serial, posture, whose))

        return await self._gate.do(call, Act.POSTURE, told, do, lambda: self._named(call, given.serial))

    async def revoke(self, call: Call, given: shapes.Revocation) -> Devices:
        """A certificate, or all of a terminal, is trusted no more."""
        return await self._end(call, Act.REVOKE, given.name, given.why)

    async def lost(self, call: Call, given: shapes.Loss) -> Devices:
        """A device is lost: nothing of it is trusted any more, and its sessions end with their next request."""
        return await self._end(call, Act.LOST, given.name, f"lost: {given.words}"[:200])

    async def _end(self, call: Call, act: Act, name: str, why: str) -> Devices:
        by = call.seat.person

        async def check() -> None:
            reason_of(why)
            await self._named(call, name)

        async def do() -> tuple[shapes.DeviceShown, ...]:
            whose = await self._register.scope_of(by)
            ended = await self._register.revoke(name, why=why, by=by, now=self._gate.clock(), ori=whose)
            return self._shown(ended)

        return await self._gate.do(call, act, {"name": name, "why_said": why}, do, check)

    async def _named(self, call: Call, name: str) -> None:
        """Raises PolicyError where nothing of that name is the caller's to mind."""
        await self._register.named(name, await self._register.scope_of(call.seat.person))

    def _shown(self, found: tuple[Certificate, ...]) -> tuple[shapes.DeviceShown, ...]:
        now = self._gate.clock()
        return tuple(
            shapes.DeviceShown(
                serial=one.serial, fingerprint=one.fingerprint, terminal=one.terminal, ori=one.ori,
                encrypted=one.encrypted, managed=one.managed, located=one.located, issued_at=one.issued_at,
                issued_by=one.issued_by, ends_at=one.ends_at,
                state="revoked" if one.revoked_at else "over" if one.ends_at <= now else "stands",
                revoked_at=one.revoked_at, revoked_for=one.revoked_for, revoked_by=one.revoked_by,
            )
            for one in found
        )  # fmt: skip

    # ------------------------------------------------------------------ terminals

    async def terminals(self, call: Call) -> tuple[shapes.TerminalShown, ...] | Refusal:
        """The agency's terminals."""

        async def read() -> tuple[shapes.TerminalShown, ...]:
            return tuple(
                shapes.TerminalShown(terminal=one.mnemonic, ori=one.ori, kind=one.kind, device=one.device,
                                     title=one.title, enabled=one.enabled, test=one.test)
                for one in await directory.terminals(self._pool) if one.ori == call.seat.ori
            )  # fmt: skip

        return await self._gate.look(call, Act.TERMINALS, {}, read)

    async def change_terminal(self, call: Call, given: shapes.TerminalChange) -> Refusal | None:
        """Its class, or whether it may be used."""

        async def check() -> None:
            if bool(given.device) is (given.enabled is not None):
                raise Unfit("say one thing about a terminal: device, or enabled")
            held = {one.mnemonic: one.ori for one in await directory.terminals(self._pool)}
            if held.get(given.terminal) != call.seat.ori:
                raise Unknown(f"there is no terminal {given.terminal} of your agency")
            if given.terminal == call.seat.terminal and given.device:
                raise Unfit(
                    f"nobody exempts the terminal at which they sit: change {given.terminal} from another one"
                )

        async def do() -> None:
            if given.enabled is not None:
                await directory.enable_terminal(self._pool, given.terminal, given.enabled)
            else:
                await directory.set_device(self._pool, given.terminal, directory.Device(given.device))

        told: dict[str, object] = {"terminal": given.terminal}
        told |= {"device": given.device} if given.device else {"enabled": given.enabled}
        return await self._gate.do(call, Act.CHANGE_TERMINAL, told, do, check)

    # ------------------------------------------------------------------ agreements

    async def agreements(self, call: Call) -> tuple[shapes.AgreementShown, ...] | Refusal:
        """What the agency agreed with the state; for DOJ, every agency."""
        whose, now = scope(call.seat.role, call.seat.ori), self._gate.clock()

        async def read() -> tuple[shapes.AgreementShown, ...]:
            return tuple(
                shapes.AgreementShown(ori=one.ori, name=one.name, files=one.agreed_files, until=one.agreed_until,
                                      stands=one.agreed_until is None or now < one.agreed_until, serves=one.serves)
                for one in await directory.agencies(self._pool) if whose in ("", one.ori)
            )  # fmt: skip

        return await self._gate.look(call, Act.AGREEMENTS, {"of": whose}, read)

    async def agree(self, call: Call, given: shapes.AgreementGiven) -> Refusal | None:
        """What an agency's agreement covers from now on."""
        now = self._gate.clock()
        until = now if given.ended else given.until
        files, serves = tuple(sorted(set(given.files))), tuple(sorted(set(given.serves)))

        async def check() -> None:
            if given.until is not None and (given.ended or given.until <= now):
                raise Unfit("an agreement ends in time to come, or now with ended: give one of the two")
            if unknown := [code for code in files if code not in self._catalogue().files]:
                raise Unfit(f"there is no file {unknown[0][:20]}: GET /api/v1/catalogue names them")
            await directory.check_serves(self._pool, given.ori, serves)

        told: dict[str, object] = {
            "ori": given.ori, "files": list(files), "until": str(until or ""), "serves": list(serves)
        }  # fmt: skip
        agreed = Agreement(files=files, until=until, serves=serves)
        return await self._gate.do(
            call, Act.AGREE, told, lambda: directory.agree(self._pool, given.ori, agreed), check
        )
