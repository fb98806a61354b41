//! Permissions of Microsoft Graph, with the words that the consent page has for them.
//! Source: learn.microsoft.com/graph/permissions-reference

/// One permission by its name, in the forms that exist of it.
#[derive(Debug)]
pub(crate) struct Permission {
    pub(crate) name: &'static str,
    /// Id of the delegated scope.
    pub(crate) delegated: Option<&'static str>,
    /// Id of the application role.
    pub(crate) application: Option<&'static str>,
    /// The delegated form is for administrators to grant, whatever a tenant's policy says.
    pub(crate) admin_only: bool,
    /// What a person reads on the consent page.
    pub(crate) sentence: &'static str,
}

/// Scopes that belong to OIDC and not to a resource, with the words for the consent page.
pub(crate) const OIDC: [(&str, &str); 4] = [
    ("openid", "Sign you in"),
    ("profile", "View your basic profile"),
    ("email", "View your email address"),
    (
        "offline_access",
        "Maintain access to data you have given it access to",
    ),
];

/// What Microsoft's managed policy keeps for administrators beyond the admin-only ones; `*` ends a prefix.
/// Source: learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies
const KEPT_FOR_ADMINS: [&str; 18] = [
    "Files.Read.All",
    "Files.ReadWrite.All",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "Mail.Read*",
    "MailboxItem.Read",
    "MailboxFolder.Read*",
    "MailboxSettings.Read*",
    "Calendars.*",
    "Chat.Read",
    "Chat.ReadWrite",
    "OnlineMeetings.Read*",
    "Contacts.ReadWrite",
    "Contacts.ReadWrite.Shared",
    "Contacts.Read.Shared",
    "Tasks.*",
    "People.Read",
    "EWS.AccessAsUser.All",
];

/// A permission by name, in any case, as Entra compares them.
pub(crate) fn find(name: &str) -> Option<&'static Permission> {
    PERMISSIONS
        .iter()
        .find(|permission| permission.name.eq_ignore_ascii_case(name))
}

/// A permission by the id of either of its forms.
pub(crate) fn by_id(id: &str) -> Option<&'static Permission> {
    all().find(|permission| permission.delegated == Some(id) || permission.application == Some(id))
}

/// Every permission that the sandbox knows.
pub(crate) fn all() -> impl Iterator<Item = &'static Permission> {
    PERMISSIONS.iter()
}

/// Whether a scope belongs to OIDC rather than to a resource.
pub(crate) fn is_oidc(name: &str) -> bool {
    OIDC.iter().any(|(known, _)| *known == name)
}

impl Permission {
    /// Whether Microsoft's managed consent policy leaves it to administrators.
    pub(crate) fn is_kept_for_admins(&self) -> bool {
        KEPT_FOR_ADMINS
            .iter()
            .any(|kept| match kept.strip_suffix('*') {
                Some(prefix) => self.name.starts_with(prefix),
                None => self.name == *kept,
            })
    }
}

const fn permission(
    name: &'static str,
    delegated: &'static str,
    application: &'static str,
    admin_only: bool,
    sentence: &'static str,
) -> Permission {
    Permission {
        name,
        delegated: some(delegated),
        application: some(application),
        admin_only,
        sentence,
    }
}

/// An empty text in the table says that this form does not exist.
const fn some(id: &'static str) -> Option<&'static str> {
    if id.is_empty() { None } else { Some(id) }
}

const USER: bool = false;
const ADMIN: bool = true;

#[rustfmt::skip]
static PERMISSIONS: &[Permission] = &[
    permission("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "", USER, "Sign you in and read your profile"),
    permission("User.ReadBasic.All", "b340eb25-3456-403f-be2f-af7a0d370277", "97235f07-e226-4f63-ace3-39588e11d3a1", USER, "Read all users' basic profiles"),
    permission("User.Read.All", "a154be20-db9c-4678-8ab7-66f6cc099a59", "df021288-bdef-4463-88db-98f22de89214", ADMIN, "Read all users' full profiles"),
    permission("User.ReadWrite.All", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "741f803b-c850-494e-b5df-cde7c675a1ca", ADMIN, "Read and write all users' full profiles"),
    permission("Mail.ReadBasic", "a4b8392a-d8d1-4954-a029-8e668a39a170", "6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a", USER, "Read your basic mail"),
    permission("Mail.Read", "570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "810c84a8-4a9e-49e6-bf7d-12d183f40d01", USER, "Read your mail"),
    permission("Mail.ReadWrite", "024d486e-b451-40bb-833d-3e66d98c5c73", "e2a3a72e-5f79-4c64-b1b1-878b674786c9", USER, "Read and write access to your mail"),
    permission("Mail.Send", "e383f46e-2787-4529-855e-0e479a3ffac0", "b633e1c5-b582-4048-a93e-9f11b44c7e96", USER, "Send mail as you"),
    permission("Mail.Read.Shared", "7b9103a5-4610-446b-9670-80643382c1fa", "", USER, "Read mail you can access"),
    permission("Mail.ReadWrite.Shared", "5df07973-7d5d-46ed-9847-1271055cbd51", "", USER, "Read and write mail you can access"),
    permission("Mail.Send.Shared", "a367ab51-6b49-43bf-a716-a1fb06d2a174", "", USER, "Send mail on behalf of others or yourself"),
    permission("MailboxSettings.Read", "87f447af-9fa4-4c32-9dfa-4a57a73d18ce", "40f97065-369a-49f4-947c-6a255697ae91", USER, "Read your mailbox settings"),
    permission("MailboxSettings.ReadWrite", "818c620a-27a9-40bd-a6a5-d96f7d610b4b", "6931bccd-447a-43d1-b442-00a195474933", USER, "Read and write your mailbox settings"),
    permission("Calendars.Read", "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42", "798ee544-9d2d-430c-a058-570e29e34338", USER, "Read your calendars"),
    permission("Calendars.ReadWrite", "1ec239c2-d7c9-4623-a91a-a9775856bb36", "ef54d2bf-783f-4e0f-bca1-3210c0444d99", USER, "Have full access to your calendars"),
    permission("Calendars.ReadBasic", "662d75ba-a364-42ad-adee-f5f880ea4878", "", ADMIN, "Read basic details of your calendars"),
    permission("Calendars.ReadBasic.All", "", "8ba4a692-bc31-4128-9094-475872af8a53", ADMIN, "Read basic details of calendars in all mailboxes"),
    permission("Calendars.Read.Shared", "2b9c4092-424d-4249-948d-b43879977640", "", USER, "Read calendars you can access"),
    permission("Calendars.ReadWrite.Shared", "12466101-c9b8-439a-8589-dd09ee67e8e9", "", USER, "Read and write to your and shared calendars"),
    permission("Contacts.Read.Shared", "242b9d9e-ed24-4d09-9a52-f43769beb9d4", "", USER, "Read your and shared contacts"),
    permission("Contacts.ReadWrite.Shared", "afb6c84b-06be-49af-80bb-8f3f77004eab", "", USER, "Read and write to your and shared contacts"),
    permission("Mail.ReadBasic.All", "", "693c5e45-0940-467d-9b8a-1022fb9d42ef", ADMIN, "Read basic mail in all mailboxes"),
    permission("Place.Read.All", "cb8f45a0-5c2e-4ea1-b803-84b870a7d7ec", "913b9306-0ce1-42b8-9137-6a7df690a760", ADMIN, "Read all company places"),
    permission("Place.ReadWrite.All", "4c06a06a-098a-4063-868e-5dfee3827264", "", ADMIN, "Read and write organization places"),
    permission("User.ReadWrite", "b4e74841-8e56-480b-be8b-910348b18b4c", "", USER, "Read and write access to your profile"),
    permission("User.ReadWrite.CrossCloud", "", "5652f862-b626-407b-a3e6-248aeb95763c", ADMIN, "Read and write profiles of users from other clouds"),
    permission("Contacts.Read", "ff74d97f-43af-4b68-9f2a-b77ee6968c5d", "089fe4d0-434a-44c5-8827-41ba8a0b17f5", USER, "Read your contacts"),
    permission("Contacts.ReadWrite", "d56682ec-c09e-4743-aaf4-1a3aac4caa21", "6918b873-d17a-4dc1-b314-35f528134491", USER, "Have full access of your contacts"),
    permission("People.Read", "ba47897c-39ec-4d83-8086-ee8256fa737d", "", USER, "Read your relevant people list"),
    permission("Tasks.ReadWrite", "2219042f-cab5-40cc-b0d2-16b1540b4c5f", "", USER, "Create, read, update, and delete your tasks and task lists"),
    permission("Team.ReadBasic.All", "485be79e-c497-4b35-9400-0e3fa7f2a5d4", "2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e", USER, "Read the names and descriptions of teams"),
    permission("TeamMember.Read.All", "2497278c-d82d-46a2-b1ce-39d4cdde5570", "660b7406-55f1-41ca-a0ed-0b035e182f3e", ADMIN, "Read the members of teams"),
    permission("Channel.ReadBasic.All", "9d8982ae-4365-4f57-95e9-d6032a4c0b87", "59a6b24b-4225-4393-8165-ebaec5f55d7a", USER, "Read the names and descriptions of channels"),
    permission("ChannelMessage.Send", "ebf0f66e-9fb1-49e4-a278-222f76911cf4", "", USER, "Send channel messages"),
    permission("ChannelMessage.Read.All", "767156cb-16ae-4d10-8f8b-41b657c8c8c8", "7b2449af-6ccd-4f4d-9f78-e550c193f0d1", ADMIN, "Read your channel messages"),
    permission("Teamwork.Migrate.All", "", "dfb0dd15-61de-45b2-be36-d6a69fba3c79", ADMIN, "Create chat and channel messages with anyone's identity and with any timestamp"),
    permission("Chat.Read", "f501c180-9344-439a-bca0-6cbf209fd270", "", USER, "Read your chat messages"),
    permission("Chat.ReadWrite", "9ff7295e-131b-4d94-90e1-69fde507ac11", "", USER, "Read and write your chat messages"),
    permission("Files.Read", "10465720-29dd-4523-a11a-6a75c743c9d9", "", USER, "Read your files"),
    permission("Files.ReadWrite", "5c28f0bf-8a70-41f1-8ab2-9032436ddb65", "", USER, "Have full access to your files"),
    permission("Files.Read.All", "df85f4d6-205c-4ac5-a5ea-6bf408dba283", "01d4889c-1287-42c6-ac1f-5d1e02578ef6", USER, "Read all files that you have access to"),
    permission("Files.ReadWrite.All", "863451e7-0667-486c-a5d6-d135439485f0", "75359482-378d-4052-8f01-80520e7db3cd", USER, "Have full access to all files you have access to"),
    permission("Sites.Read.All", "205e70e5-aba6-4c52-a976-6d2d46c48043", "332a536c-c7ef-4017-ab91-336970924f0d", USER, "Read items in all site collections"),
    permission("Sites.ReadWrite.All", "89fe6a52-be36-487e-b7d8-d061c450a026", "9492366f-7969-46a4-8d15-ed1a20078fff", USER, "Edit or delete items in all site collections"),
    permission("Sites.Manage.All", "65e50fdc-43b7-4915-933e-e8138f11f40a", "0c0bf378-bf22-4481-8f81-9e89a9b4960a", USER, "Create, edit, and delete items and lists in all your site collections"),
    permission("Sites.FullControl.All", "5a54b8b3-347c-476d-8f8e-42d5c7424d29", "a82116e5-55eb-4c41-a434-62fe8a61c773", ADMIN, "Have full control of all your site collections"),
    permission("Lists.SelectedOperations.Selected", "033b51ee-d6fa-4add-b627-ee680c7212b5", "23c5a9bd-d900-4ecf-be26-a0689755d9e5", ADMIN, "Access selected lists, on your behalf"),
    permission("Sites.Selected", "f89c84ef-20d0-4b54-87e9-02e856d66d53", "883ea226-0bf2-4a8f-9f9d-92c9162a727d", USER, "Access selected sites, on your behalf"),
    permission("Directory.Read.All", "06da0dbc-49e2-44d2-8312-53f166ab848a", "7ab1d382-f21e-4acd-a863-ba3e13f7da61", ADMIN, "Read directory data"),
    permission("Directory.ReadWrite.All", "c5366453-9fb0-48a5-a156-24f0c49a4b84", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", ADMIN, "Read and write directory data"),
    permission("Group.Read.All", "5f8c59db-677d-491f-a6b8-5f174b11ec1d", "5b567255-7703-4780-807c-7be8301ae99b", ADMIN, "Read all groups"),
    permission("Group.ReadWrite.All", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "62a82d76-70ea-41e2-9197-370581804d09", ADMIN, "Read and write all groups"),
    permission("GroupMember.Read.All", "bc024368-1153-4739-b217-4326f2e966d0", "98830695-27a2-44f7-8c18-0c3ebc9698f6", ADMIN, "Read group memberships"),
    permission("Application.Read.All", "c79f8feb-a9db-4090-85f9-90d820caa0eb", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", ADMIN, "Read applications"),
    permission("Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", ADMIN, "Read and write all applications"),
    permission("Application.ReadWrite.OwnedBy", "", "18a4783c-866b-4cc7-a460-3d5e5662c884", ADMIN, "Manage apps that this app creates or owns"),
    permission("AppRoleAssignment.ReadWrite.All", "84bccea3-f856-4a8a-967b-dbe0a3d53a64", "06b708a9-e830-4db3-a914-8e69da51d44f", ADMIN, "Manage app permission grants and app role assignments"),
    permission("DelegatedPermissionGrant.ReadWrite.All", "41ce6ca6-6826-4807-84f1-1c82854f7ee5", "8e8e4742-1d95-4f68-9d56-6ee75648c72a", ADMIN, "Manage all delegated permission grants"),
    permission("Organization.Read.All", "4908d5b9-3fb2-4b1e-9336-1888b7937185", "498476ce-e0fe-48b0-b801-37ba7e2685c6", ADMIN, "Read organization information"),
    permission("OnlineMeetings.ReadWrite", "a65f2972-a4f8-4f5e-afd7-69ccb046d5dc", "", USER, "Read and create your online meetings"),
    permission("Channel.Create", "101147cf-4178-4455-9d58-02b5c164e759", "f3a65bd4-b703-46df-8f7e-0174fea562aa", ADMIN, "Create channels"),
    permission("Channel.Delete.All", "cc83893a-e232-4723-b5af-bd0b01bcfe65", "6a118a39-1227-45d4-af0c-ea7b40d210bc", ADMIN, "Delete channels"),
    permission("ChannelMember.Read.All", "2eadaff8-0bce-4198-a6b9-2cfc35a30075", "3b55498e-47ec-484f-8136-9013221c06a9", ADMIN, "Read the members of channels"),
    permission("ChannelMember.ReadWrite.All", "0c3e411a-ce45-4cd1-8f30-f99a3efa7b11", "35930dcf-aceb-4bd1-b99a-8ffed403c974", ADMIN, "Add and remove members from channels"),
    permission("ChannelMessage.ReadWrite", "5922d31f-46c8-4404-9eaf-2117e390a8a4", "", ADMIN, "Read and write your channel messages"),
    permission("ChannelMessage.UpdatePolicyViolation.All", "", "4d02b0cc-d90b-441f-8d82-4fb55c34d6bb", ADMIN, "Flag channel messages for violating policy"),
    permission("ChannelSettings.Read.All", "233e0cf1-dd62-48bc-b65b-b38fe87fcf8e", "c97b873f-f59f-49aa-8a0e-52b32d762124", ADMIN, "Read the names, descriptions, and settings of channels"),
    permission("ChannelSettings.ReadWrite.All", "d649fb7c-72b4-4eec-b2b4-b15acf79e378", "243cded2-bd16-4fd6-a953-ff8177894c3d", ADMIN, "Read and write the names, descriptions, and settings of channels"),
    permission("Chat.Create", "38826093-1258-4dea-98f0-00003be2b8d0", "d9c48af6-9ad9-47ad-82c3-63757137b9af", USER, "Create chats"),
    permission("Chat.Read.All", "", "6b7d71aa-70aa-4810-a8d9-5d9fb2830017", ADMIN, "Read all chat messages"),
    permission("Chat.ReadBasic", "9547fcb5-d03f-419d-9948-5928bbf71b0f", "", USER, "Read names and members of your chat threads"),
    permission("Chat.ReadBasic.All", "", "b2e060da-3baf-4687-9611-f4ebc0f0cbde", ADMIN, "Read names and members of all chat threads"),
    permission("Chat.ReadWrite.All", "7e9a077b-3711-42b9-b7cb-5fa5f3f7fea7", "294ce7c9-31ba-490a-ad7d-97a7d075e4ed", USER, "Read and write all chat messages"),
    permission("Chat.UpdatePolicyViolation.All", "", "7e847308-e030-4183-9899-5235d7270f58", ADMIN, "Flag chat messages for violating policy"),
    permission("ChatMember.Read", "c5a9e2b1-faf6-41d4-8875-d381aa549b24", "", ADMIN, "Read the members of chats"),
    permission("ChatMember.Read.All", "", "a3410be2-8e48-4f32-8454-c29a7465209d", ADMIN, "Read the members of all chats"),
    permission("ChatMember.ReadWrite", "dea13482-7ea6-488f-8b98-eb5bbecf033d", "", ADMIN, "Add and remove members from chats"),
    permission("ChatMember.ReadWrite.All", "", "57257249-34ce-4810-a8a2-a03adf0c5693", ADMIN, "Add and remove members from all chats"),
    permission("ChatMessage.Send", "116b7235-7cc6-461e-b163-8e55691d839e", "", USER, "Send chat messages"),
    permission("OnlineMeetingArtifact.Read.All", "110e5abb-a10c-4b59-8b55-9b4daa4ef743", "df01ed3b-eb61-4eca-9965-6b3d789751b2", USER, "Read online meeting artifacts"),
    permission("OnlineMeetingRecording.Read.All", "190c2bb6-1fdd-4fec-9aa2-7d571b5e1fe3", "a4a08342-c95d-476b-b943-97e100569c8d", ADMIN, "Read all recordings of online meetings"),
    permission("OnlineMeetingTranscript.Read.All", "30b87d18-ebb1-45db-97f8-82ccb1f0190c", "a4a80d8d-d283-4bd8-8504-555ec3870630", ADMIN, "Read all transcripts of online meetings"),
    permission("OnlineMeetings.Read", "9be106e1-f4e3-4df5-bdff-e4bc531cbe43", "", USER, "Read your online meetings"),
    permission("OnlineMeetings.Read.All", "", "c1684f21-1984-47fa-9d61-2dc8c296bb70", ADMIN, "Read online meeting details"),
    permission("OnlineMeetings.ReadWrite.All", "", "b8bb2037-6e08-44ac-a4ea-4674e010e2a4", ADMIN, "Read and create online meetings"),
    permission("Presence.Read", "76bc735e-aecd-4a1d-8b4c-2b915deabb79", "", USER, "Read your presence information"),
    permission("Presence.Read.All", "9c7a330d-35b3-4aa1-963d-cb2b9f927841", "a70e0c2d-e793-494c-94c4-118fa0a67f42", USER, "Read presence information of all users in your organization"),
    permission("Presence.ReadWrite", "8d3c54a7-cf58-4773-bf81-c0cd6ad522bb", "", USER, "Read and write your presence information"),
    permission("Presence.ReadWrite.All", "", "83cded22-8297-4ff6-a7fa-e97e9545a259", ADMIN, "Read and write presence information for all users"),
    permission("Team.Create", "7825d5d6-6049-4ce7-bdf6-3b8d53f4bcd0", "23fc2474-f741-46ce-8465-674744c5c361", USER, "Create teams"),
    permission("TeamMember.ReadWrite.All", "4a06efd2-f825-4e34-813e-82a57b03d1ee", "0121dc95-1b9f-4aed-8bac-58c5ac466691", ADMIN, "Add and remove members from teams"),
    permission("TeamMember.ReadWriteNonOwnerRole.All", "2104a4db-3a2f-4ea0-9dba-143d457dc666", "4437522e-9a86-4a41-a7da-e380edd4a97d", ADMIN, "Add and remove members with non-owner role for all teams"),
    permission("TeamSettings.Read.All", "48638b3c-ad68-4383-8ac4-e6880ee6ca57", "242607bd-1d2c-432c-82eb-bdb27baa23ab", ADMIN, "Read teams' settings"),
    permission("TeamSettings.ReadWrite.All", "39d65650-9d3e-4223-80db-a335590d027e", "bdd80a03-d9bc-451d-b7c4-ce7c63fe3c8f", ADMIN, "Read and change teams' settings"),
    permission("TeamsActivity.Send", "7ab1d787-bae7-4d5d-8db6-37ea32df9186", "a267235f-af13-44dc-8385-c1dc93023186", USER, "Send a teamwork activity"),
    permission("TeamsTab.Read.All", "59dacb05-e88d-4c13-a684-59f1afc8cc98", "46890524-499a-4bb2-ad64-1476b4f3e1cf", ADMIN, "Read tabs in Microsoft Teams"),
    permission("TeamsTab.ReadWrite.All", "b98bfd41-87c6-45cc-b104-e2de4f0dafb9", "a96d855f-016b-47d7-b51c-1218a98d791c", ADMIN, "Read and write tabs in Microsoft Teams"),
    permission("TeamsTab.ReadWriteForTeam", "c975dd04-a06e-4fbb-9704-62daad77bb49", "", ADMIN, "Allow the Teams app to manage all tabs in teams"),
    permission("TeamsTab.ReadWriteForTeam.All", "", "6163d4f4-fbf8-43da-a7b4-060fe85ed148", ADMIN, "Allow the Teams app to manage all tabs for all teams"),
    permission("TeamsTab.ReadWriteSelfForTeam", "f266662f-120a-4314-b26a-99b08617c7ef", "", ADMIN, "Allow the Teams app to manage only its own tabs in teams"),
    permission("TeamsTab.ReadWriteSelfForTeam.All", "", "91c32b81-0ef0-453f-a5c7-4ce2e562f449", ADMIN, "Allow the Teams app to manage only its own tabs for all teams"),
    permission("Group.Create", "", "bf7b1a76-6e77-406b-b258-bf5c7720e98f", ADMIN, "Create groups"),
    permission("GroupMember.ReadWrite.All", "f81125ac-d3b7-4573-a3b2-7099cc39df9e", "dbaae8cf-10b5-4b86-a4a1-f871c94c6695", ADMIN, "Read and write group memberships"),
    permission("Domain.Read.All", "2f9ee017-59c1-4f1d-9472-bd5529a7b311", "dbb9058a-0e50-45d7-ae91-66909b5d4664", ADMIN, "Read domains"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_form_and_each_id_is_there_once() {
        let mut ids: Vec<_> = PERMISSIONS
            .iter()
            .flat_map(|permission| [permission.delegated, permission.application])
            .flatten()
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        assert!(
            PERMISSIONS
                .iter()
                .all(|permission| permission.delegated.or(permission.application).is_some())
        );
    }

    #[test]
    fn the_managed_policy_leaves_sending_to_people_and_keeps_reading_mail_for_administrators() {
        let kept = |name| find(name).is_some_and(Permission::is_kept_for_admins);
        assert!(kept("Mail.Read"));
        assert!(kept("calendars.readwrite"));
        assert!(!kept("Mail.Send"));
        assert!(!kept("Files.ReadWrite"));
        assert!(!kept("Team.ReadBasic.All"));
    }
}
