# The command line and the servers: Formula/wherry.rb of a tap.
class Wherry < Formula
  desc "Send files straight to people you know"
  homepage "https://wherry.org"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://wherry.org/download/wherry-@VERSION@-macos-arm64.tar.gz"
      sha256 "@MACOS_ARM64@"
    end
    on_intel do
      url "https://wherry.org/download/wherry-@VERSION@-macos-x86_64.tar.gz"
      sha256 "@MACOS_X64@"
    end
  end

  on_linux do
    on_arm do
      url "https://wherry.org/download/wherry-@VERSION@-linux-arm64.tar.gz"
      sha256 "@LINUX_ARM64@"
    end
    on_intel do
      url "https://wherry.org/download/wherry-@VERSION@-linux-amd64.tar.gz"
      sha256 "@LINUX_X64@"
    end
  end

  def install
    programs = ["wherry", "wherry-signaling", "wherry-turn"]
    bin.install programs.map { |it| OS.mac? ? it : "bin/#{it}" }
    generate_completions_from_executable(bin/"wherry", "completions")
    (man1/"wherry.1").write Utils.safe_popen_read(bin/"wherry", "man")
  end

  service do
    run [opt_bin/"wherry", "--quiet", "run", "--yes"]
    keep_alive successful_exit: false
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/wherry --version")
  end
end
