$ErrorActionPreference = 'Stop'

Install-ChocolateyPackage `
  -PackageName 'wherry' `
  -FileType 'exe' `
  -SilentArgs '/S' `
  -Url64bit 'https://wherry.org/download/Wherry-@VERSION@-x64-setup.exe' `
  -Checksum64 '@WINDOWS@' `
  -ChecksumType64 'sha256'
