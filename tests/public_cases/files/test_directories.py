"""Import of CSV files as user directories export them, such as Microsoft Entra. The people in them are invented."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser
from tests.features.csv.files import codes, imported, outcomes
from tests.support.world import Ask, World

MICROSOFT_365 = """\
Block credential,City,Country/Region,Department,DirSyncEnabled,Display name,Fax,First name,Last dirsync time,Last name,\
Last password change time stamp,License assignment details,Licenses,Mobile Phone,Oath token meta data,Object Id,Office,\
Password never expires,Phone number,Postal code,Preferred data location,Preferred language,Proxy addresses,Release track,\
Soft deletion time stamp,State,Street address,Strong password required,Title,Usage location,User principal name,When created
False,Perth,Australia,Ops,,Ida Winter,,Ida,,Winter,2026-02-01 09:14:03Z,Business Premium,Business Premium,+61 400 000 001,,\
15e91f38-0000-4000-8000-000000000001,2/11,False,+61 8 0000 0001,6000,,en-AU,SMTP:ida@harbour.test+smtp:i.winter@harbour.test,,,\
WA,"12 Quay St, Level 3",True,Head of Ops,AU,ida@harbour.test,2021-03-18 19:49:35Z
False,,,,,Meeting room 4,,,,,,,Unlicensed,,,15e91f38-0000-4000-8000-000000000002,,,,,,,SMTP:room4@harbour.test,,,,,,,AU,\
room4@harbour.test,2022-03-18 19:49:35Z
"""

ENTRA_DOWNLOAD = """\
userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,streetAddress,\
state,country,officeLocation,city,postalCode,telephoneNumber,mobilePhone,alternateEmailAddress,ageGroup,\
consentProvidedForMinor,legalAgeGroupClassification,companyName,creationType,directorySynced,invitationState,identityIssuer,\
createdDateTime
ida@harbour.onmicrosoft.test,Ida Winter,Winter,ida@harbour.test,Ida,7cc0c81b-0000-4000-8000-000000000001,Member,,,True,AU,,,,,,,,,\
,,,,,,False,,harbour.onmicrosoft.test,2021-03-18T19:49:35Z
scanner@harbour.onmicrosoft.test,Scanner,,,,7cc0c81b-0000-4000-8000-000000000002,Member,,,True,AU,,,,,,,,,,,,,,,False,,,\
2021-03-18T19:49:35Z
oto_partner.test#EXT#@harbour.onmicrosoft.test,=1+3 Oto,Oto,,=1+3,7cc0c81b-0000-4000-8000-000000000003,Guest,,,True,DE,,,,,,,,,\
oto@partner.test,,,,,Invitation,,Accepted,ExternalAzureAD,2021-03-18T19:49:35Z
"""

ENTRA_TEMPLATE = """\
version:v1.0,,,,,,,,,,,,,,,,
Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,\
Block sign in (Yes/No) [accountEnabled] Required,First name [givenName],Last name [surname],Job title [jobTitle],\
Department [department],Usage location [usageLocation],Street address [streetAddress],State or province [state],\
Country or region [country],Office [physicalDeliveryOfficeName],City [city],ZIP or postal code [postalCode],\
Office phone [telephoneNumber],Mobile phone [mobile]
Ida Winter,ida@harbour.test,not used,No,Ida,Winter,SRE,IT,,,,,,,,,
"""

ENTRA_TEMPLATE_IN_FRENCH = """\
version:v1.0
Nom [displayName] Obligatoire,Nom d'utilisateur [userPrincipalName] Obligatoire,Mot de passe initial [passwordProfile] Obligatoire,\
Bloquer la connexion (Oui/Non) [accountEnabled] Obligatoire,Prénom [givenName],Nom de famille [surname],Poste [jobTitle],\
Service [department],Lieu d'utilisation [usageLocation],Rue [streetAddress],Département ou région [state],\
Pays ou région [country],Office [physicalDeliveryOfficeName],Ville [city],Code postal [postalCode],\
Téléphone (bureau) [telephoneNumber],Téléphone mobile [mobile]
Ida Winter,ida@harbour.test,not used,Non,Ida,Winter,SRE,IT,,,,,,,,,
"""

ENTRA_INVITATIONS = """\
version:v1.0
Email address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,\
Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]
ida@harbour.test,https://portal.harbour.test,TRUE,
"""

IN_GERMAN = "sep=;\nAnzeigename;Vorname;Nachname;E-Mail-Adresse\nIda Winter;Ida;Winter;ida@harbour.test\nZoe;;;zoe@harbour.test\n"
IN_FRENCH = "Nom complet;Prénom;Nom;Adresse e-mail\nIda Winter;Ida;Winter;ida@harbour.test\nZoe;;;zoe@harbour.test\n"
IN_SPANISH = "Nombre para mostrar;Nombre;Apellidos;Correo electrónico\nIda Winter;Ida;Winter;ida@harbour.test\nZoe;;;zoe@harbour.test\n"

GOOGLE_DOWNLOAD = """\
First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Password Hash Function [UPLOAD ONLY],\
Org Unit Path [Required],New Primary Email [UPLOAD ONLY],Status [READ ONLY],Last Sign In [READ ONLY],Recovery Email,\
Home Secondary Email,Work Secondary Email,Recovery Phone [MUST BE IN THE E.164 FORMAT],Work Phone,Home Phone,Mobile Phone,\
Work Address,Home Address,Employee ID,Employee Type,Employee Title,Manager Email,Department,Cost Center,2sv Enrolled [READ ONLY],\
2sv Enforced [READ ONLY],Building ID,Floor Name,Floor Section,Email Usage [READ ONLY],Drive Usage [READ ONLY],\
Photos Usage [READ ONLY],Storage limit [READ ONLY],Storage Used [READ ONLY],Change Password at Next Sign-In,\
New Status [UPLOAD ONLY],Advanced Protection Program enrollment,Gemini Limit Status [READ ONLY]
Ida W.,Winter,ida@harbour.test,****,,/,,Active,2026/02/10 04:05:20,,,,,,,+6100000001,,,,,Senior Analyst,,Operations,,True,False,\
,,,0.3GB,2.49GB,0.0GB, --,2.78GB,False,,False,NOT_APPROACHING_LIMIT
"Comma, Name",User,comma@harbour.test,****,,/Ops,,Suspended,2026/02/10 04:05:20,,,,,,,+6100000002,"Some office, Perth",,,,,,\
Finance,,False,False,,,,0.3GB,2.49GB,0.0GB, --,2.78GB,False,,False,-
"""

GOOGLE_UPLOAD = """\
First Name [Required];Last Name [Required];Email Address [Required];Password [Required];Password Hash Function [UPLOAD ONLY];\
Org Unit Path [Required];New Primary Email [UPLOAD ONLY];Recovery Email;Home Secondary Email;Work Secondary Email;\
Recovery Phone [MUST BE IN THE E.164 FORMAT];Work Phone;Home Phone;Mobile Phone;Work Address;Home Address;Employee ID;\
Employee Type;Employee Title;Manager Email;Department;Cost Center;Building ID;Floor Name;Floor Section;\
Change Password at Next Sign-In;New Status [UPLOAD ONLY];New Licenses [UPLOAD ONLY];Advanced Protection Program enrollment
Ida;Winter;ida@harbour.test;not used;;/;;;;;;;;;;;;;;;;;;;;TRUE;;;
"""

OKTA = """\
login,firstName,lastName,middleName,honorificPrefix,honorificSuffix,email,title,displayName,nickName,profileUrl,secondEmail,\
mobilePhone,primaryPhone,streetAddress,city,state,zipCode,countryCode,postalAddress,preferredLanguage,locale,timezone,userType,\
employeeNumber,costCenter,organization,division,department,managerId,manager
ida.winter@harbour.test,Ida,Winter,,,,ida@harbour.test,SRE,Ida Winter,,,,+61 400 000 001,,,Perth,WA,6000,AU,,en-AU,en_AU,\
Australia/Perth,Employee,1,,,,IT,,
"""

IDA = ("Ida", "Winter", "ida@harbour.test")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(MICROSOFT_365, [IDA, ("Meeting room 4", None, "room4@harbour.test")], id="Microsoft 365"),
        pytest.param(
            ENTRA_DOWNLOAD,
            [IDA, ("Scanner", None, "scanner@harbour.onmicrosoft.test"), ("=1+3", "Oto", None)],
            id="Entra ID, download",
        ),
        pytest.param(ENTRA_TEMPLATE, [IDA], id="Entra ID, template"),
        pytest.param(ENTRA_TEMPLATE_IN_FRENCH, [IDA], id="Entra ID, template in French"),
        pytest.param(ENTRA_INVITATIONS, [(None, None, "ida@harbour.test")], id="Entra ID, invitations"),
        pytest.param(IN_GERMAN, [IDA, ("Zoe", None, "zoe@harbour.test")], id="German"),
        pytest.param(IN_FRENCH, [IDA, ("Zoe", None, "zoe@harbour.test")], id="French"),
        pytest.param(IN_SPANISH, [IDA, ("Zoe", None, "zoe@harbour.test")], id="Spanish"),
        pytest.param(
            GOOGLE_DOWNLOAD,
            [("Ida W.", "Winter", "ida@harbour.test"), ("Comma, Name", "User", "comma@harbour.test")],
            id="Google Workspace, download",
        ),
        pytest.param(GOOGLE_UPLOAD, [IDA], id="Google Workspace, upload"),
        pytest.param(OKTA, [IDA], id="Okta"),
    ],
)
async def test_a_file_of_a_directory_is_imported_as_it_was_exported(
    world: World, ask: Ask, file: str, expected: list[tuple[str | None, ...]]
) -> None:
    acme = await world.portal("acme", required_user_fields=[])
    nora = await world.mssp_admin()

    rows = await outcomes(ask, nora, "\ufeff" + file.replace("\n", "\r\n"), portalSlug="acme", delivery="NONE")

    assert codes(rows) == [None] * len(expected)
    stored: list[Any] = (
        await PortalUser.filter(portal_id=acme.id).order_by("id").values_list("first_name", "last_name", "email")
    )
    assert [tuple(each) for each in stored] == expected
    # Microsoft Learn "Add several users at the same time", "Download a list of users"; Google Workspace Admin Help "Add or update
    # multiple users from a CSV file"; okta/okta-sdk-nodejs api-docs/UserProfile.md


async def test_other_translated_columns_are_left_out_on_demand(world: World, ask: Ask) -> None:
    await world.portal("acme")
    nora = await world.mssp_admin()
    file = (
        "Benutzerprinzipalname,Anzeigename,Vorname,Nachname,Anmeldeinformationen blockieren,Lizenzen\n"
        "ida@harbour.test,Ida Winter,Ida,Winter,Falsch,Business Premium\n"
    )

    refused = await imported(ask, nora, file, portalSlug="acme", dryRun=True)
    rows = await outcomes(ask, nora, file, portalSlug="acme", dryRun=True, ignoreUnknownColumns=True)

    assert [error["extensions"]["problem"] for error in refused.json()["errors"]] == ["UNKNOWN_COLUMN"] * 2
    assert [(row["label"], row["code"]) for row in rows] == [("Ida Winter", None)]
    # Microsoft Learn "Download a list of users"


async def test_a_username_of_okta_stays_and_signs_in_beside_the_address(world: World, ask: Ask) -> None:
    acme = await world.portal("acme")
    nora = await world.mssp_admin()

    await outcomes(ask, nora, OKTA, portalSlug="acme")

    user = await PortalUser.get(portal_id=acme.id)
    assert (user.username, user.email) == ("ida.winter@harbour.test", "ida@harbour.test")
    # okta/okta-sdk-nodejs api-docs/UserProfile.md


@pytest.mark.parametrize("name", ["name", "\ufeffname"])
async def test_a_byte_order_mark_is_no_part_of_the_first_header(world: World, ask: Ask, name: str) -> None:
    await world.portal("acme")
    nora = await world.mssp_admin()

    rows = await outcomes(ask, nora, f"{name};email\nNodira Karimova;nodira@example.test\n", portalSlug="acme")

    assert [(row["label"], row["status"]) for row in rows] == [("Nodira Karimova", "SUCCEEDED")]
    # dotCMS/core#36508, alkacon/opencms-core PR 849


async def test_a_file_with_semicolons_is_split_and_its_header_is_no_user(world: World, ask: Ask) -> None:
    await world.portal("acme")
    nora = await world.mssp_admin()

    rows = await outcomes(ask, nora, "name;email\nNodira Karimova;nodira@example.test\n", portalSlug="acme")
    foreign = await imported(ask, nora, "Ism,Familiya\nNodira,Karimova\n", portalSlug="acme")

    assert [(row["line"], row["label"]) for row in rows] == [(2, "Nodira Karimova")]
    assert [error["extensions"]["params"]["value"] for error in foreign.json()["errors"]] == ["Ism", "Familiya"]
    # KAMRONBEK/talim-ai#48, zammad/zammad#4117, ryancramerdesign/ImportPagesCSV PR 9
