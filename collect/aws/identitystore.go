package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// identityUsers collects the people Identity Center knows. E-mail addresses,
// telephone numbers, streets and birthdays are withheld (see redact.go).
var identityUsers = Service{
	Name:    "identitystore/user",
	Actions: []string{"sso:ListInstances", "identitystore:ListUsers"},
	Collect: func(c *call) {
		svc, sso := identitystore.NewFromConfig(c.cfg), ssoadmin.NewFromConfig(c.cfg)
		people := func(p *identitystore.ListUsersOutput) []types.User { return p.Users }
		list(c, sso.ListInstances, &ssoadmin.ListInstancesInput{}, c.instances, func(_ *item, i ssotypes.InstanceMetadata) {
			list(c, svc.ListUsers, &identitystore.ListUsersInput{IdentityStoreId: i.IdentityStoreId}, people, func(it *item, u types.User) { it.name(i.IdentityStoreId, u.UserId) })
		})
	},
}

// identityGroups collects the groups and who is in them.
var identityGroups = Service{
	Name:    "identitystore/group",
	Actions: []string{"sso:ListInstances", "identitystore:ListGroups", "identitystore:ListGroupMemberships"},
	Collect: func(c *call) {
		svc, sso := identitystore.NewFromConfig(c.cfg), ssoadmin.NewFromConfig(c.cfg)
		groups := func(p *identitystore.ListGroupsOutput) []types.Group { return p.Groups }
		list(c, sso.ListInstances, &ssoadmin.ListInstancesInput{}, c.instances, func(_ *item, i ssotypes.InstanceMetadata) {
			list(c, svc.ListGroups, &identitystore.ListGroupsInput{IdentityStoreId: i.IdentityStoreId}, groups, func(it *item, g types.Group) {
				it.name(i.IdentityStoreId, g.GroupId)
				askAll(it, svc.ListGroupMemberships, &identitystore.ListGroupMembershipsInput{IdentityStoreId: i.IdentityStoreId, GroupId: g.GroupId})
			})
		})
	},
}
