// The homes that the transcripts begin with.
import { checkout } from "../checkout.ts";
import { type Layout, plist, type World, world } from "../harness.ts";
import { agentWorld, labelOf } from "../launchctl/stand-in.ts";

const agents = (names: string[]): Layout =>
  Object.fromEntries(
    names.map((name) => [`Library/LaunchAgents/com.petesbrain.${name}.plist`, plist(`com.petesbrain.${name}`)]),
  );

/** An agent as a person writes it, to be put in place of the short one. */
const EMAIL_SYNC = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<!-- sync -->
	<key>Label</key>
	<string>com.petesbrain.email-sync</string>
	<key>StartInterval</key>
	<integer>300</integer>
	<key>EnvironmentVariables</key>
	<dict>
		<key>API_KEY</key>
		<string>first-key</string>
	</dict>
</dict>
</plist>
`;

export const WORLDS: Record<string, () => Promise<World>> = {
  /** A small home of the shape the tool is made for: four agents of ours and a foreign one, configs, credentials. */
  async petesbrain() {
    const w = world({
      home: {
        ...agents(["ai-inbox-processor", "budget-monitor", "daily-intel-report", "email-sync"]),
        "Library/LaunchAgents/com.example.other.plist": plist("com.example.other"),
        ".google-ads/google-ads.yaml": { file: "developer_token: made-up\n", mode: 0o600 },
      },
      root: {
        ".mcp.json": '{"mcpServers": {}}\n',
        "shared/secrets.py": "KEY = 'made-up'\n",
        "shared/paths.py": "ROOT = '.'\n",
        "infrastructure/mcp-servers/google-tasks/credentials.json": { file: '{"token": "made-up"}\n', mode: 0o600 },
      },
    });
    await checkout(w);
    return w;
  },
  /** Without credentials, as in the original manual's samples. */
  async agents() {
    const w = world({
      home: { ...agents(["email-sync"]), "email-sync.xml": EMAIL_SYNC },
      root: { ".mcp.json": '{"mcpServers": {}}\n', "shared/secrets.py": "KEY = 'made-up'\n" },
    });
    await checkout(w);
    return w;
  },
  /** Three agents that launchd has loaded, one of them at work; a checkout; and the agents' programs. */
  async launchd() {
    const { w, launchd } = agentWorld(["budget-monitor", "email-sync", "weekly-report"], {
      root: { ".mcp.json": '{"mcpServers": {}}\n', "shared/paths.py": "ROOT = '.'\n" },
    });
    launchd.load(labelOf("budget-monitor"), { pid: 4242 });
    launchd.load(labelOf("email-sync"));
    launchd.load(labelOf("weekly-report"), { lastExit: 0 });
    await checkout(w);
    return w;
  },
  /** A home and a root with nothing in them, and no checkout. */
  async bare() {
    return world();
  },
};
