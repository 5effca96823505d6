# SPDX-License-Identifier: Apache-2.0
"""The small exchange that most end-to-end tests start."""

ALICE, BOB = 'wonderland-is-far', 'builders-yes-we-can'

IAX = f'''
[general]
bindaddr={{host}}:{{port}}

[phone](!)
type=friend
host=dynamic
context=phones
disallow=all
allow=ulaw
allow=alaw

[alice](phone)
secret={ALICE}
callerid="Alice" <100>

[bob](phone)
secret={BOB}
callerid="Bob" <101>
'''

EXTENSIONS = '''
[phones]
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n,Milliwatt()
exten => 100,1,Dial(IAX2/alice/100,20)
exten => 101,1,Dial(IAX2/bob/101,20)
exten => 486,1,Busy(1)
'''
