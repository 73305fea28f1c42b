// Values come from the azd environment: `azd env set COMPLIANCE_WATCHED '[…]'`. docs/deploying.md has them all.

using './main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param phase = readEnvironmentVariable('COMPLIANCE_PHASE', 'app')

// Without a table of its own: the subscription that is deployed to.
param watched = json(readEnvironmentVariable(
  'COMPLIANCE_WATCHED',
  '[{"subscriptionId":"${readEnvironmentVariable('AZURE_SUBSCRIPTION_ID')}"}]'
))
param workspaceResourceId = readEnvironmentVariable('COMPLIANCE_WORKSPACE_RESOURCE_ID', '')
param retentionDays = int(readEnvironmentVariable('COMPLIANCE_KEPT_DAYS', '400'))
param leftoverDays = int(readEnvironmentVariable('COMPLIANCE_LEFTOVER_DAYS', '90'))
param storageSku = readEnvironmentVariable('COMPLIANCE_STORAGE_SKU', 'Standard_ZRS')
param pythonVersion = readEnvironmentVariable('COMPLIANCE_PYTHON', '3.12')
param maximumInstances = int(readEnvironmentVariable('COMPLIANCE_MAXIMUM_INSTANCES', '40'))
param alwaysReadyInstances = int(readEnvironmentVariable('COMPLIANCE_ALWAYS_READY', '1'))
param allowedNetworks = json(readEnvironmentVariable('COMPLIANCE_ALLOWED_NETWORKS', '[]'))
param deploymentNetworks = json(readEnvironmentVariable('COMPLIANCE_DEPLOYMENT_NETWORKS', '[]'))
param privateNetwork = bool(readEnvironmentVariable('COMPLIANCE_PRIVATE_NETWORK', 'false'))
param addressPrefix = readEnvironmentVariable('COMPLIANCE_ADDRESS_PREFIX', '10.90.0.0/24')
param settings = json(readEnvironmentVariable('COMPLIANCE_SETTINGS', '{}'))
param vaultSettings = json(readEnvironmentVariable('COMPLIANCE_VAULT_SETTINGS', '[]'))
param vaultOfficerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param sentinel = readEnvironmentVariable('COMPLIANCE_SENTINEL', 'off')
param alertEmails = json(readEnvironmentVariable('COMPLIANCE_ALERT_EMAILS', '[]'))
