package aws

import "slices"

// Services lists every source there is, in the order they are asked. This list
// and nothing else decides: a service that is not here is not collected.
func Services() []Service {
	return []Service{
		accountRegions, accountContact,
		organizationsOrganization, organizationsAccounts, organizationsPolicies,
		iamCredentials, iamPasswordPolicy, iamAccountSummary, iamUsers, iamGroups, iamRoles, iamPolicies,
		iamMFADevices, iamVirtualMFADevices, iamAccessKeys,
		iamSAMLProviders, iamOIDCProviders, iamServerCertificates, iamOrganizationFeatures, iamServiceLastAccessed,
		accessAnalyzers, accessFindings,
		ssoInstances, ssoPermissionSets, ssoAssignments, identityUsers, identityGroups,
		cloudTrails, cloudTrailDigests, cloudTrailEvents, configRules, cloudWatchAlarms,
		guardDutyDetectors, guardDutyFindings, securityHub, securityFindings,
		cloudWatchAlarmHistory, logGroups, logMetricFilters, logQueries, logPolicies,
		eventBuses, eventRules, snsTopics, sqsQueues,
		configRecorders, configChannels, configPacks, configCounts, configHistory,
		guardDutyOrganization, inspectorAccount, inspectorCoverage, inspectorFindings, macieSession, macieFindings,
		secrets, ssmParameters, ssmInstances, ssmPatches, ssmCompliance, ssmDocuments, ssmCommands,
		cloudFormationStacks, codePipelines, codePipelineExecutions, codeDeployments, taggedResources,
		kmsKeys, kmsAliases, kmsKeyPolicies,
		s3AccountBlock, s3Buckets, s3AccessPoints, s3MultiRegionAccessPoints,
		ec2EBSDefault, ec2SecurityGroups, ec2SecurityGroupRules,
		ec2VPCs, ec2Subnets, ec2RouteTables, ec2InternetGateways, ec2NATGateways, ec2NetworkACLs,
		ec2Volumes, ec2Snapshots, ec2PublicSnapshots, ec2AccountSettings,
		ec2Instances, ec2InstanceTypes, ec2Images, ec2LaunchTemplates, ec2KeyPairs, autoScalingGroups, autoScalingLaunchConfigurations,
		ec2FlowLogs, ec2NetworkInterfaces, ec2Addresses, ec2VPCEndpoints, ec2PeeringConnections, ec2TransitGateways, ec2ClientVPNEndpoints,
		rdsInstances, rdsClusters, rdsSnapshots, rdsClusterSnapshots, rdsParameters, rdsClusterParameters, rdsEvents,
		redshiftClusters, redshiftParameters, neptuneClusters, neptuneSnapshots, docdbClusters,
		efsFileSystems, fsxFileSystems, datasyncTasks,
		dynamoDBTables, scalableTargets, daxClusters, openSearchDomains, elastiCacheGroups, elastiCacheClusters, elastiCacheServerless,
		kinesisStreams, firehoseStreams, kafkaClusters, mqBrokers, emrClusters, emrPublicAccess,
		dmsInstances, dmsEndpoints, dmsTasks, athenaWorkGroups, glueJobs, glueSecurityConfigurations,
		sageMakerNotebooks, sageMakerEndpointConfigs, bedrockLogging,
		elbLoadBalancers, elbListeners, elbSSLPolicies, wafACLs,
		backupPlans, backupSelections, backupVaults, backupRecoveryPoints, backupProtected, backupJobs, backupCopies, backupRestores, backupRestoreTests,
		elbTargetGroups, classicLoadBalancers, acmCertificates,
		cloudFrontDistributions, cloudFrontLogs, route53Zones, route53QueryLogs, route53HealthChecks, networkFirewalls,
		apiGatewayStages, apiGatewayDomains, httpStages, httpRoutes, appSyncAPIs,
		lambdaFunctions, ecsClusters, ecsServices, ecsTaskDefinitions, ecrRepositories, ecrRegistry, eksClusters,
		beanstalkEnvironments, stateMachines, codeBuildProjects, codeBuilds, transferServers,
		resourceShares, healthEvents, artifactReports,
	}
}

// Actions are the IAM actions all services together need, sorted: what exhibit
// must be permitted, and all it may be.
func Actions() []string {
	var out []string
	for _, g := range Grants(nil) {
		out = append(out, g.Actions...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
