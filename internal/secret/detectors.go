package secret

import (
	"github.com/google/osv-scalibr/veles/secrets/anthropicapikey"
	"github.com/google/osv-scalibr/veles/secrets/azuretoken"
	"github.com/google/osv-scalibr/veles/secrets/bitwardenoauth2access"
	"github.com/google/osv-scalibr/veles/secrets/circleci"
	"github.com/google/osv-scalibr/veles/secrets/denopat"
	"github.com/google/osv-scalibr/veles/secrets/digitaloceanapikey"
	"github.com/google/osv-scalibr/veles/secrets/elasticcloudapikey"
	"github.com/google/osv-scalibr/veles/secrets/gitlabpat"
	"github.com/google/osv-scalibr/veles/secrets/grokxaiapikey"
	"github.com/google/osv-scalibr/veles/secrets/huggingfaceapikey"
	"github.com/google/osv-scalibr/veles/secrets/jwt"
	"github.com/google/osv-scalibr/veles/secrets/npmjsaccesstoken"
	"github.com/google/osv-scalibr/veles/secrets/onepasswordkeys"
	"github.com/google/osv-scalibr/veles/secrets/openai"
	"github.com/google/osv-scalibr/veles/secrets/openrouter"
	"github.com/google/osv-scalibr/veles/secrets/perplexityapikey"
	"github.com/google/osv-scalibr/veles/secrets/postmanapikey"
	"github.com/google/osv-scalibr/veles/secrets/pypiapitoken"
	"github.com/google/osv-scalibr/veles/secrets/rubygemsapikey"
	"github.com/google/osv-scalibr/veles/secrets/sendgrid"
	"github.com/google/osv-scalibr/veles/secrets/slacktoken"
	"github.com/google/osv-scalibr/veles/secrets/squareapikey"
	"github.com/google/osv-scalibr/veles/secrets/stripeapikeys"
	"github.com/google/osv-scalibr/veles/secrets/supabase"
)

// detectors are those of veles that know a credential by its own shape.
func detectors() []detector {
	return []detector{
		{"an Anthropic key", anthropicapikey.NewDetector()},
		{"an Azure token", azuretoken.NewDetector()},
		{"a Bitwarden key", bitwardenoauth2access.NewDetector()},
		{"a CircleCI token", circleci.NewPersonalAccessTokenDetector()},
		{"a CircleCI token", circleci.NewProjectTokenDetector()},
		{"a Deno token", denopat.NewUserTokenDetector()},
		{"a Deno token", denopat.NewOrgTokenDetector()},
		{"a DigitalOcean token", digitaloceanapikey.NewDetector()},
		{"an Elastic Cloud key", elasticcloudapikey.NewDetector()},
		{"a GitLab token", gitlabpat.NewDetector()},
		{"an xAI key", grokxaiapikey.NewAPIKeyDetector()},
		{"an xAI key", grokxaiapikey.NewManagementKeyDetector()},
		{"a Hugging Face token", huggingfaceapikey.NewDetector()},
		{"a JSON web token", jwt.NewDetector()},
		{"an npm token", npmjsaccesstoken.NewDetector()},
		{"a 1Password key", onepasswordkeys.NewSecretKeyDetector()},
		{"a 1Password token", onepasswordkeys.NewServiceTokenDetector()},
		{"a 1Password recovery code", onepasswordkeys.NewRecoveryTokenDetector()},
		{"an OpenAI key", openai.NewDetector()},
		{"an OpenRouter key", openrouter.NewDetector()},
		{"a Perplexity key", perplexityapikey.NewDetector()},
		{"a Postman key", postmanapikey.NewAPIKeyDetector()},
		{"a Postman token", postmanapikey.NewCollectionTokenDetector()},
		{"a PyPI token", pypiapitoken.NewDetector()},
		{"a RubyGems key", rubygemsapikey.NewDetector()},
		{"a SendGrid key", sendgrid.NewDetector()},
		{"a Slack token", slacktoken.NewAppLevelTokenDetector()},
		{"a Slack token", slacktoken.NewAppConfigAccessTokenDetector()},
		{"a Slack token", slacktoken.NewAppConfigRefreshTokenDetector()},
		{"a Square token", squareapikey.NewPersonalAccessTokenDetector()},
		{"a Stripe key", stripeapikeys.NewSecretKeyDetector()},
		{"a Stripe key", stripeapikeys.NewRestrictedKeyDetector()},
		{"a Stripe secret", stripeapikeys.NewWebhookSecretDetector()},
		{"a Supabase token", supabase.NewPATDetector()},
	}
}
