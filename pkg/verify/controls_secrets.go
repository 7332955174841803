package verify

// secretsControls lists the controls of the area.
func secretsControls() []Control {
	ofIdentities := []Evidence{evidenceCluster(), evidenceManagedIdentities(), evidenceFederation(), evidenceRoleAssignments(), evidenceVaults()}
	return []Control{
		{
			ID: "AKS-SEC-001", Area: AreaSecrets, Severity: Medium,
			Title:     "the Key Vault provider for the secrets store CSI driver is on, with rotation",
			Rationale: "Secrets that stay in the vault are mounted into pods, and exchanged there when they change, without a copy in the cluster's store.",
			Needs:     []Evidence{evidenceCluster()},
			Proof:     "addonProfiles.azureKeyvaultSecretsProvider is enabled, and its config.enableSecretRotation is true.",
			Fix:       "az aks enable-addons --addons azure-keyvault-secrets-provider --enable-secret-rotation",
			Mappings:  []Mapping{{CIS, "4.5.2"}, {MCSB, "IM-8"}},
			check:     checkSecretsProvider,
		},
		{
			ID: "AKS-SEC-002", Area: AreaSecrets, Severity: High,
			Title:     "every SecretProviderClass fetches by workload identity, and does so for every workload that mounts it",
			Rationale: "A class that fetches by an identity of the nodes does so for every pod on them. One whose chain is broken keeps pods from starting, and ends in a Secret written by hand.",
			Needs:     ofIdentities,
			Proof:     "Each class of Azure's provider names a client id and no other way; some pod mounts it; and for each workload that does, every step of aksim whoami holds: the identity, its federated credential, the tenant, and the right to each object.",
			Fix:       "federate the managed identity with the pod's ServiceAccount, name its client id, and assign Key Vault Secrets User at each secret",
			Mappings:  []Mapping{{MCSB, "IM-3"}},
			check:     checkClasses,
		},
		{
			ID: "AKS-SEC-003", Area: AreaSecrets, Severity: High,
			Title:     "the identities of SecretProviderClasses may do in key vaults what these ask for, and no more",
			Rationale: "A role at the vault opens every secret that is in it, and every one that will be, to whoever takes over one pod.",
			Needs:     ofIdentities,
			Proof:     "Azure RBAC decides about each vault that a class names, and its tenant is the class's. For each identity, all its rights to data of vaults, of any vault and by any action, are those of the role that is documented for the kind of an object (Key Vault Secrets User, Certificate User, Crypto User) at an object that its classes name, or that the claims give it one by one.",
			Fix:       "assign the role at the secret, in place of the vault",
			Mappings:  []Mapping{{MCSB, "PA-7"}},
			check:     checkMinimal,
		},
		{
			ID: "AKS-SEC-004", Area: AreaSecrets, Severity: High,
			Title:     "no Secret holds credentials that somebody wrote into it",
			Rationale: "A Secret in a manifest is read by everybody who reads the repository, and stays in its history.",
			Proof:     "No Secret of the input has keys, but those that Kubernetes, cert-manager, Helm or the secrets store CSI driver keep. What is in them is not read.",
			Fix:       "put the value into the key vault, and mount it by a SecretProviderClass",
			Mappings:  []Mapping{{CIS, "4.5.2"}, {MCSB, "IM-8"}},
			check:     checkStaticSecrets,
		},
		{
			ID: "AKS-SEC-005", Area: AreaSecrets, Severity: High,
			Title:     "no credential stands in a variable, an argument or a ConfigMap",
			Rationale: "Whoever may look at pods and ConfigMaps reads them, which the role view allows.",
			Proof:     "No literal value looks like a credential: by its shape (private keys, connection strings, shared access signatures, tokens), by the name that it has, or by its entropy. Values are not printed, and those of ConfigMaps not kept. Variables by which clients of Azure take a secret are for AKS-ID-008.",
			Fix:       "put the value into the key vault, and mount it by a SecretProviderClass",
			Mappings:  []Mapping{{MCSB, "IM-8"}},
			check:     checkLiterals,
		},
		{
			ID: "AKS-SEC-006", Area: AreaSecrets, Severity: Medium,
			Title:     "secrets of the vault are not copied into Kubernetes Secrets",
			Rationale: "A synced Secret is read by everybody who may read Secrets in the namespace, and by whoever gets at the cluster's store.",
			Needs:     []Evidence{evidencePods()},
			Proof:     "No SecretProviderClass has secretObjects, and every Secret that a workload uses for variables, volumes or to pull images is in the input, where AKS-SEC-004 looks at it.",
			Fix:       "read the mounted file; where a Secret has to be, as for the certificate of an Ingress, write an exception",
			Mappings:  []Mapping{{CIS, "4.5.1"}},
			check:     checkSynced,
		},
		{
			ID: "AKS-SEC-007", Area: AreaSecrets, Severity: High,
			Title:     "nobody reads Secrets or the vault's but teams and identities of the claims",
			Rationale: "Who reads a secret is who has it. Rights to do so hide in roles of the cluster, roles of Azure and access policies.",
			Needs:     []Evidence{evidenceClaims(), evidenceCluster(), evidenceRoleAssignments()},
			Partial:   true,
			Proof:     "Every rule of a binding that gets, lists or watches Secrets, every role of Azure that does, in each namespace, and whoever may read the secrets that SecretProviderClasses name, or a vault as a whole, is a team's, or an identity's of the claims. Notes list them all. The control plane and AKS's own are left out, and what ServiceAccounts of workloads may is for the controls of RBAC. It speaks of direct rights: who may make pods, or assign roles, gets at secrets, too.",
			Fix:       "remove the right, or name who has it in spec.teams or spec.identities",
			Mappings:  []Mapping{{CIS, "4.1.2"}, {MCSB, "PA-7"}},
			check:     checkReaders,
		},
	}
}
