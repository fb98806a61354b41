//! The same registration as commands: Azure CLI, PowerShell, Terraform. Names are quoted as each language wants it.

use std::fmt::Write;

use model::ConnectionMethod;
use serde_json::Value;

use super::{Manifest, Naming, id, resource_app_id};

impl Manifest {
    /// Commands of the Azure CLI for a POSIX shell.
    ///
    /// Source: <https://learn.microsoft.com/cli/azure/ad/app>.
    pub fn az(&self, naming: &Naming<'_>) -> String {
        let mut script = format!(
            "CLIENT_ID=$(az ad app create --display-name {}",
            shell(naming.name)
        );
        if let Some(redirect) = naming.redirect_uri {
            let _ = write!(script, " \\\n  --web-redirect-uris {}", shell(redirect));
        }
        let access = self.required_resource_access();
        let _ = write!(
            script,
            " \\\n  --sign-in-audience AzureADMyOrg \\\n  --required-resource-accesses {} \\\n  --query appId --output tsv)\n\
             az ad sp create --id \"$CLIENT_ID\"\n",
            shell(&access.to_string())
        );
        if self.has_permissions() {
            script.push_str("az ad app permission admin-consent --id \"$CLIENT_ID\"\n");
        }
        script.push_str("az ad app credential reset --id \"$CLIENT_ID\" --append --years 1\n");
        script
    }

    /// PowerShell with the modules of Microsoft Graph.
    ///
    /// Source: <https://learn.microsoft.com/powershell/microsoftgraph/tutorial-grant-app-only-api-permissions>.
    pub fn powershell(&self, naming: &Naming<'_>) -> String {
        let access = pretty(&self.required_resource_access());
        let web = naming.redirect_uri.map_or_else(String::new, |uri| {
            format!(" -Web @{{ RedirectUris = @({}) }}", power(uri))
        });
        let mut script = format!(
            "Connect-MgGraph -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'\n\
             $access = @(ConvertFrom-Json -AsHashtable @'\n{access}\n'@)\n\
             $app = New-MgApplication -DisplayName {} -SignInAudience AzureADMyOrg -RequiredResourceAccess $access{web}\n\
             $principal = New-MgServicePrincipal -AppId $app.AppId\n",
            power(naming.name)
        );
        if self.method == ConnectionMethod::ServicePrincipal && self.has_permissions() {
            script.push_str(
                "foreach ($resource in $access) {\n\
                 \x20 $api = Get-MgServicePrincipal -Filter \"appId eq '$($resource.resourceAppId)'\"\n\
                 \x20 foreach ($role in $resource.resourceAccess) {\n\
                 \x20   New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id -ResourceId $api.Id -AppRoleId $role.id\n\
                 \x20 }\n\
                 }\n",
            );
        }
        script.push_str(
            "$secret = Add-MgApplicationPassword -ApplicationId $app.Id\n\
             \"client id: $($app.AppId)\"\n\
             \"client secret: $($secret.SecretText)\"\n",
        );
        script
    }

    /// Terraform with the provider `azuread`.
    ///
    /// Source: <https://learn.microsoft.com/graph/templates/terraform/overview-terraform-for-graph>.
    pub fn terraform(&self, naming: &Naming<'_>) -> String {
        let mut script = format!(
            "resource \"azuread_application\" \"consentry\" {{\n  display_name     = {}\n  sign_in_audience = \"AzureADMyOrg\"\n",
            hcl(naming.name)
        );
        if let Some(redirect) = naming.redirect_uri {
            let _ = write!(
                script,
                "\n  web {{\n    redirect_uris = [{}]\n  }}\n",
                hcl(redirect)
            );
        }
        for api in self.apis() {
            let _ = write!(
                script,
                "\n  required_resource_access {{\n    resource_app_id = \"{}\"\n",
                resource_app_id(api)
            );
            for entry in self.permissions.iter().filter(|entry| entry.api == api) {
                let _ = write!(
                    script,
                    "\n    # {}\n    resource_access {{\n      id   = \"{}\"\n      type = \"{}\"\n    }}\n",
                    entry.name,
                    id(entry, self.method).unwrap_or_default(),
                    self.kind()
                );
            }
            script.push_str("  }\n");
        }
        script.push_str(
            "}\n\nresource \"azuread_service_principal\" \"consentry\" {\n  client_id = azuread_application.consentry.client_id\n}\n\n\
             resource \"azuread_application_password\" \"consentry\" {\n  application_id = azuread_application.consentry.id\n}\n",
        );
        if self.method == ConnectionMethod::ServicePrincipal {
            self.assignments(&mut script);
        }
        script
    }

    /// Administrator consent as Terraform has it: one assignment for each role.
    fn assignments(&self, script: &mut String) {
        for api in self.apis() {
            let _ = write!(
                script,
                "\ndata \"azuread_service_principal\" \"{0}\" {{\n  client_id = \"{1}\"\n}}\n\n\
                 resource \"azuread_app_role_assignment\" \"{0}\" {{\n  for_each = toset([\n",
                api.id(),
                resource_app_id(api)
            );
            for entry in self.permissions.iter().filter(|entry| entry.api == api) {
                let id = id(entry, self.method).unwrap_or_default();
                let _ = writeln!(script, "    \"{id}\", # {}", entry.name);
            }
            let _ = write!(
                script,
                "  ])\n  app_role_id         = each.value\n\
                 \x20 principal_object_id = azuread_service_principal.consentry.object_id\n\
                 \x20 resource_object_id  = data.azuread_service_principal.{}.object_id\n}}\n",
                api.id()
            );
        }
    }

    fn has_permissions(&self) -> bool {
        !self.permissions.is_empty()
    }

    fn apis(&self) -> Vec<model::Api> {
        let mut apis: Vec<_> = self.permissions.iter().map(|entry| entry.api).collect();
        apis.sort_unstable();
        apis.dedup();
        apis
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is always JSON")
}

/// Inside single quotes nothing means anything but their end.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn power(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `${` and `%{` begin a template.
fn hcl(text: &str) -> String {
    Value::from(text.replace("${", "$${").replace("%{", "%%{")).to_string()
}
