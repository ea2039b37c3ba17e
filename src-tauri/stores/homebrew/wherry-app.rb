# The window: Casks/wherry-app.rb of a tap.
cask "wherry-app" do
  arch arm: "aarch64", intel: "x64"

  version "@VERSION@"
  sha256 arm:   "@DMG_ARM64@",
         intel: "@DMG_X64@"

  url "https://wherry.org/download/Wherry_#{version}_#{arch}.dmg"
  name "Wherry"
  desc "Send files straight to people you know"
  homepage "https://wherry.org/"

  depends_on macos: ">= :monterey"

  app "Wherry.app"

  # Keys, contacts and history; files that arrived are left alone.
  zap trash: [
    "~/Library/Application Support/wherry",
    "~/Library/Caches/org.wherry.Wherry",
    "~/Library/LaunchAgents/Wherry.plist",
    "~/Library/WebKit/org.wherry.Wherry",
  ]
end
