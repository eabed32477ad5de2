"""The counter sees who has an account online, lets its holder in, and takes people off."""

from __future__ import annotations

from accounts.account_links import service as links
from portal import share_mail
from tests.portal.resident.people import actor_of, resident_of
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of


def test_the_holder_of_a_protected_account_is_invited_at_the_counter_and_taken_off(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    scene.run_as_owner("UPDATE customer_accounts SET is_protected = true")
    path = f"/staff/accounts/{house.reference}/online"
    staff_of(scene, "clerk").get(path, expect=404)
    senior = staff_of(scene, "supervisor")
    assert "Nobody has this account" in senior.get(path).text
    senior.get(f"{path}/new")
    senior.submit("Send the invitation", {"Their e-mail address": "ana@example.com"}, expect=303)
    assert "a•••@example.com" in senior.follow().text
    with scene.app.app_context():
        share_mail.send_invitation(scene.wired, scene.scalar("SELECT id FROM link_invitations"))
    body = scene.outbox.mails[-1].get_body(("plain",))
    assert body is not None
    (address,) = [word for word in body.get_content().split() if "/my/invitations/" in word]
    ana = resident_of(scene, "ana@example.com")
    ana.get("/" + address.split("/", 3)[3])
    ana.submit("Accept", {}, expect=303)
    assert "$50.00" in ana.follow().text
    link_id = scene.scalar("SELECT id FROM account_links")
    senior.get(f"{path}/{link_id}/end")
    senior.submit("Take them off", {}, expect=422)
    assert scene.scalar("SELECT count(*) FROM account_links WHERE ended_at IS NULL") == 1
    senior.submit("Take them off", {"Why": "Moved out, keys returned."}, expect=303, budget=30)
    ana.get(f"/my/accounts/{house.reference}", expect=404)
    senior.get(f"{path}/{link_id}/end", expect=404)


def test_who_may_not_change_customers_only_looks(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    resident_of(scene)
    link_id = links.link(scene.sessions, actor_of(scene), house.id, "proof", now=scene.clock.now())
    auditor, path = staff_of(scene, "auditor"), f"/staff/accounts/{house.reference}/online"
    page = auditor.get(path)
    assert "a•••@example.com" in page.text
    assert page.soup.select_one(f'a[href="{path}/{link_id}/end"]') is None
    auditor.get(f"{path}/new", expect=403)
    auditor.get(f"{path}/{link_id}/end", expect=403)
